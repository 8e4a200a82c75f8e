// GET session: who is signed in and what they may, for a page to show itself by; every route decides again for itself.
import { z } from "zod";
import { type Principal, RIGHTS } from "./principal.ts";

/** The answer. */
export const sessionSchema = z.object({
  /** How people sign in; `none` when nobody can, also because App Service Authentication is off. */
  auth: z.enum(["easyauth", "jwt", "development", "none"]),
  signedIn: z.boolean(),
  /** The Entra object id. */
  actor: z.string().nullable(),
  /** For showing only. */
  name: z.string().nullable(),
  rights: z.array(z.enum(RIGHTS)),
  /** Paths of this app, where a browser can sign in and out; null where it cannot. */
  signInUrl: z.string().nullable(),
  signOutUrl: z.string().nullable(),
});

/** Who is signed in, in the public form. */
export type Session = z.infer<typeof sessionSchema>;

// A fixed path: one from the query would make the sign-in a redirect to anywhere.
const PAGE = encodeURIComponent("/api/dashboard");

/** The session of a principal, or of nobody. */
export function sessionOf(auth: Session["auth"], principal: Principal | null): Session {
  // learn.microsoft.com/azure/app-service/configure-authentication-customize-sign-in-out
  const hasPages = auth === "easyauth";
  return {
    auth,
    signedIn: principal !== null,
    actor: principal?.actor ?? null,
    name: principal?.name ?? null,
    rights: [...(principal?.rights ?? [])],
    signInUrl: hasPages ? `/.auth/login/aad?post_login_redirect_uri=${PAGE}` : null,
    signOutUrl: hasPages ? `/.auth/logout?post_logout_redirect_uri=${PAGE}` : null,
  };
}
