// Who signs as "issuer" in the access tokens of a tenant. National clouds are separate, and each has names of its own
// (learn.microsoft.com/answers/questions/1190472; endpoints: learn.microsoft.com/entra/identity-platform/authentication-national-cloud).

interface Issuers {
  /** Of tokens of version 2.0, which is what an app registration should ask for. */
  readonly v2: string;
  /** Of tokens of version 1.0, the default of an API that was registered long ago. */
  readonly v1: string;
}

const CHINA: Issuers = {
  v2: "https://login.partner.microsoftonline.cn",
  v1: "https://sts.chinacloudapi.cn",
};
const KNOWN: Readonly<Record<string, Issuers>> = {
  "https://login.microsoftonline.com": {
    v2: "https://login.microsoftonline.com",
    v1: "https://sts.windows.net",
  },
  "https://login.microsoftonline.us": {
    v2: "https://login.microsoftonline.us",
    v1: "https://sts.windows.net",
  },
  // One cloud under two names; @azure/identity still calls it by the older one.
  "https://login.chinacloudapi.cn": CHINA,
  "https://login.partner.microsoftonline.cn": CHINA,
};

/** The issuers to accept for a tenant of an authority; of an authority that is not known, version 2.0 under its own name. */
export function tokenIssuers(authority: URL, tenantId: string): string[] {
  const known = KNOWN[authority.origin];
  return known === undefined
    ? [`${authority.origin}/${tenantId}/v2.0`]
    : [`${known.v2}/${tenantId}/v2.0`, `${known.v1}/${tenantId}/`];
}
