// What a page of another site makes a browser send is refused, with a session that the browser adds by itself.
import { describe, expect, it } from "vitest";
import { createAdminAccess } from "../../src/api/admin-access.ts";
import { APP, answerOf, asked, clientPrincipal, configOf, OBJECT, TENANT } from "./asked.ts";

const principal = clientPrincipal([
  ["tid", TENANT],
  ["oid", OBJECT],
  ["roles", "Sync.Operate"],
]);
const PUBLIC = "https://sync.contoso.example";
const cookie = createAdminAccess(
  configOf({ ADMIN_AUTH: "easyauth", WEBSITE_AUTH_ENABLED: "true", ADMIN_ORIGINS: PUBLIC }),
);
const machine = createAdminAccess(
  configOf({ ADMIN_AUTH: "development", AZURE_FUNCTIONS_ENVIRONMENT: "Development" }),
);

type Headers = Readonly<Record<string, string | undefined>>;
const given = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );

const REFUSED = "403 crossSiteRequest";
const JSON_BODY = { "content-type": "application/json", "content-length": "2" };

describe("a write with a cookie", () => {
  const page = {
    origin: APP,
    "sec-fetch-site": "same-origin",
    "x-requested-with": "drupal-entra-user-sync",
    ...JSON_BODY,
  };
  const table: readonly (readonly [string, Headers, string])[] = [
    ["of the app's own page", {}, "200"],
    ["of a browser that does not tell the site", { "sec-fetch-site": undefined }, "200"],
    ["with a charset", { "content-type": "Application/JSON; charset=utf-8" }, "200"],
    ["without a body", { "content-type": undefined, "content-length": "0" }, "200"],
    ["at the address that people see", { origin: PUBLIC }, "200"],
    ["without the page's header", { "x-requested-with": undefined }, REFUSED],
    ["with another's header", { "x-requested-with": "XMLHttpRequest" }, REFUSED],
    ["without an origin", { origin: undefined }, REFUSED],
    ["of an origin that is hidden", { origin: "null" }, REFUSED],
    ["of another site", { origin: "https://contoso.example" }, REFUSED],
    ["of a site whose name begins alike", { origin: `${APP}.evil.example` }, REFUSED],
    ["of another port", { origin: `${APP}:8443` }, REFUSED],
    ["of the same name without TLS", { origin: APP.replace("https", "http") }, REFUSED],
    ["of two origins", { origin: `${APP}, https://evil.example` }, REFUSED],
    ["of a sister site", { "sec-fetch-site": "same-site" }, REFUSED],
    ["of a site far away", { "sec-fetch-site": "cross-site" }, REFUSED],
    ["of a form", { "content-type": "application/x-www-form-urlencoded" }, REFUSED],
    ["of text", { "content-type": "text/plain" }, REFUSED],
    ["of a body that is not named", { "content-type": undefined }, REFUSED],
    [
      "of a stream that is not named",
      { "content-type": undefined, "content-length": undefined, "transfer-encoding": "chunked" },
      REFUSED,
    ],
  ];
  for (const method of ["POST", "PUT", "DELETE", "PATCH"])
    it.each(table)(`by ${method} %s`, async (_, changes, expected) => {
      const headers = given({ ...principal, ...page, ...changes });
      const request = asked(headers, `${APP}/api/cycles`, method);
      expect(await answerOf(cookie.authorize(request, "Sync.Operate"))).toBe(expected);
    });

  it("is taken from where TLS ends in front of the app", async () => {
    const request = asked(
      { ...principal, ...page },
      "http://app.contoso.example/api/cycles",
      "POST",
    );
    expect(await answerOf(cookie.authorize(request, "Sync.Operate"))).toBe("200");
  });

  it("says nothing of rights to whom it is refused, nor of itself to nobody", async () => {
    const evil = { origin: "https://evil.example", ...JSON_BODY };
    const reader = clientPrincipal([
      ["tid", TENANT],
      ["oid", OBJECT],
    ]);
    const ask = (headers: Record<string, string>) =>
      answerOf(cookie.authorize(asked(headers, `${APP}/api/cycles`, "POST"), "Sync.Operate"));
    expect(await ask({ ...reader, ...evil })).toBe(REFUSED);
    expect(await ask(evil)).toBe("401 unauthorized");
  });

  it("needs none of this with a token, which no browser adds by itself", async () => {
    const headers = { ...principal, authorization: "Bearer of.a.program", ...JSON_BODY };
    const request = asked(headers, `${APP}/api/cycles`, "POST");
    expect(await answerOf(cookie.authorize(request, "Sync.Operate"))).toBe("200");
    const basic = asked(
      { ...headers, authorization: "Basic b2Y6YQ==" },
      `${APP}/api/cycles`,
      "POST",
    );
    expect(await answerOf(cookie.authorize(basic, "Sync.Operate"))).toBe(REFUSED);
  });

  it("is one thing, a read another: a link in a mail may lead to a report", async () => {
    const headers = { ...principal, "sec-fetch-site": "cross-site" };
    expect(await answerOf(cookie.authorize(asked(headers), "Audit.Read"))).toBe("200");
  });
});

describe("on a developer's machine", () => {
  const HOST = "http://localhost:7071";
  const page = { origin: HOST, "sec-fetch-site": "same-origin" };
  const full = { ...page, ...JSON_BODY, "x-requested-with": "drupal-entra-user-sync" };
  const table: readonly (readonly [string, string, Headers, string])[] = [
    ["curl reads", "GET", {}, "200"],
    ["curl writes", "POST", JSON_BODY, "200"],
    ["the address bar reads", "GET", { "sec-fetch-site": "none" }, "200"],
    ["the app's own page reads", "GET", { "sec-fetch-site": "same-origin" }, "200"],
    ["the app's own page writes", "POST", full, "200"],
    ["another site reads", "GET", { "sec-fetch-site": "cross-site" }, REFUSED],
    ["another port reads", "GET", { "sec-fetch-site": "same-site" }, REFUSED],
    ["another origin reads", "GET", { origin: "http://localhost:8088" }, REFUSED],
    ["a sandboxed page reads", "GET", { origin: "null" }, REFUSED],
    ["a sandboxed page writes", "POST", { ...full, origin: "null" }, REFUSED],
    ["another site writes", "POST", { ...full, origin: "https://evil.example" }, REFUSED],
    [
      "another site writes by an older browser",
      "POST",
      { origin: "https://evil.example", ...JSON_BODY },
      REFUSED,
    ],
    ["a page writes without its header", "POST", { ...page, ...JSON_BODY }, REFUSED],
    ["a page writes a form", "POST", { ...full, "content-type": "text/plain" }, REFUSED],
    ["a page writes and hides its origin", "POST", { ...full, origin: undefined }, REFUSED],
  ];
  it.each(table)("%s", async (_, method, headers, expected) => {
    const request = asked(given(headers), `${HOST}/api/cycles`, method);
    expect(await answerOf(machine.authorize(request, "Sync.Operate"))).toBe(expected);
  });
});
