// Handlers for what an application asks about the tenant itself: organization and domains.
import { context, type GraphCall, type GraphReply } from "./graph-message.ts";
import { requireOptions } from "./query-options.ts";
import type { Tenant } from "./tenant.ts";

/** GET /organization. */
export function getOrganization(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select"]);
  const verifiedDomains = tenant.domains.map(({ name, initial }) => ({
    capabilities: "Email, OfficeCommunicationsOnline",
    isDefault: !initial,
    isInitial: initial,
    name,
    type: "Managed",
  }));
  const organization = { id: tenant.id, displayName: tenant.displayName, verifiedDomains };
  return { status: 200, body: { ...context(call, "organization"), value: [organization] } };
}

/** GET /domains. */
export function listDomains(tenant: Tenant, call: GraphCall): GraphReply {
  requireOptions(call, ["$select"]);
  const value = tenant.domains.map(({ name, initial }) => ({
    id: name,
    authenticationType: "Managed",
    isAdminManaged: true,
    isDefault: !initial,
    isInitial: initial,
    isRoot: true,
    isVerified: true,
    supportedServices: ["Email", "OfficeCommunicationsOnline"],
  }));
  return { status: 200, body: { ...context(call, "domains"), value } };
}
