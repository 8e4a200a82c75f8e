// A tenant that signs tokens and publishes its keys, on loopback.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type KeyInput, SignJWT } from "jose";

/** Starts the server of the keys; `close` ends it. */
export async function startTenantKeys(tenantId: string, audience: string) {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = crypto.randomUUID();
  const keys = [{ ...(await exportJWK(publicKey)), kid, use: "sig" }];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const isThere = request.url === `/${tenantId}/discovery/v2.0/keys`;
    response.writeHead(isThere ? 200 : 404, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const now = Math.floor(Date.now() / 1000);
  return {
    url,
    /** The paths that were asked for. */
    asked,
    publicKey,
    /** Signs a token that is good but for `claims` and `header`. */
    sign: (claims: Record<string, unknown> = {}, header: object = {}, key: KeyInput = privateKey) =>
      new SignJWT({
        iss: `${url}/${tenantId}/v2.0`,
        aud: audience,
        tid: tenantId,
        azp: "44444444-dddd-4444-8444-444444444444",
        nbf: now - 300,
        exp: now + 3600,
        ...claims,
      })
        .setProtectedHeader({ alg: "RS256", kid, ...header })
        .sign(key),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
