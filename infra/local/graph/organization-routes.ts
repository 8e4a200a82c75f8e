// Handlers for what an application asks about the tenant itself: organization and domains.
import { context, type GraphCall, type GraphReply } from "./graph-message.ts";
import { requireOptions } from "./query-options.ts";
import { DEFAULT_DOMAIN, type Tenant } from "./tenant.ts";

/** GET /organization. */
export function getOrganization(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select"]);
  const verifiedDomains = tenant.domains.map(({ name, initial, type }) => ({
    capabilities: "Email, OfficeCommunicationsOnline",
    isDefault: name === DEFAULT_DOMAIN,
    isInitial: initial,
    name,
    type,
  }));
  const organization = { id: tenant.id, displayName: tenant.displayName, verifiedDomains };
  return { status: 200, body: { ...context(call, "organization"), value: [organization] } };
}

/** GET /domains. */
export function listDomains(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select"]);
  const value = tenant.domains.map(({ name, initial, type }) => ({
    id: name,
    authenticationType: type,
    isAdminManaged: true,
    isDefault: name === DEFAULT_DOMAIN,
    isInitial: initial,
    isRoot: true,
    isVerified: true,
    supportedServices: ["Email", "OfficeCommunicationsOnline"],
  }));
  return { status: 200, body: { ...context(call, "domains"), value } };
}
