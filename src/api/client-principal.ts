// The user whom App Service Authentication signed in, as its header tells. Outside requests cannot set that header, but only
// while the platform's module is on (learn.microsoft.com/azure/app-service/configure-authentication-user-identities): whoever
// calls this has made sure of that.
import { z } from "zod";
import { type Principal, rightsIn } from "./principal.ts";

// Above what 200 groups make of it, the most that Entra puts into a token.
const MAX_CHARACTERS = 32 * 1024;
const header = z.base64().min(1).max(MAX_CHARACTERS);
const clientPrincipal = z.object({
  auth_typ: z.literal("aad"),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(1000),
});

// Each claim comes under the name that the token has, or under the one that .NET maps it to.
const TENANT = ["tid", "http://schemas.microsoft.com/identity/claims/tenantid"];
const OBJECT = ["oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"];
// `role_typ` is not asked: a header that names another claim there could turn any text into a right.
const ROLES = ["roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"];
const NAME = ["name", "preferred_username"];

function decoded(text: string | null): z.infer<typeof clientPrincipal> | null {
  const base64 = header.safeParse(text);
  if (!base64.success) return null;
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(
      Buffer.from(base64.data, "base64"),
    );
    return clientPrincipal.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * The principal in the text of `X-MS-CLIENT-PRINCIPAL`, or null when it is not one of this tenant. Two tenants or two object
 * ids in one header are none.
 */
export function readClientPrincipal(
  text: string | null,
  tenantId: string | null,
): Principal | null {
  const principal = decoded(text);
  if (principal === null || tenantId === null) return null;
  const valuesOf = (types: readonly string[]): string[] =>
    principal.claims.filter(({ typ }) => types.includes(typ)).map(({ val }) => val);
  const onlyIdOf = (types: readonly string[]): string | null => {
    const [id, ...others] = new Set(valuesOf(types).map((value) => value.toLowerCase()));
    return others.length === 0 ? (z.guid().safeParse(id).data ?? null) : null;
  };
  const actor = onlyIdOf(OBJECT);
  if (actor === null || onlyIdOf(TENANT) !== tenantId) return null;
  return { actor, name: valuesOf(NAME)[0] ?? null, rights: rightsIn(valuesOf(ROLES)) };
}
