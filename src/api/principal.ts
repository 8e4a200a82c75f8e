// Who asks for an admin route, and what they may do.

/** Every right, as the app roles of the Entra registration are named. */
export const RIGHTS = ["Audit.Read", "Sync.Operate"] as const;

/** A right that a route asks for; an operator is also a reader. */
export type Right = (typeof RIGHTS)[number];

/** Someone whose identity was proven. */
export interface Principal {
  /** The Entra object id; it goes into the audit log and into cycles. */
  readonly actor: string;
  /** What they call themselves: to be shown, never to be decided by. */
  readonly name: string | null;
  readonly rights: readonly Right[];
}

/** The rights of app roles: by their exact names, and others count for nothing. */
export function rightsIn(roles: readonly string[]): readonly Right[] {
  if (roles.includes("Sync.Operate")) return RIGHTS;
  return roles.includes("Audit.Read") ? ["Audit.Read"] : [];
}
