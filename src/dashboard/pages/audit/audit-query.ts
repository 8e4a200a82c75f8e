// The filters of the audit log, as they stand in the address bar and as the app is asked: one and the same.

/** The filters that GET audit knows, in the order in which they are shown. */
export const AUDIT_FILTERS = [
  "user",
  "operation",
  "resourceType",
  "status",
  "system",
  "direction",
  "cause",
  "cycle",
  "from",
  "to",
] as const;

/** The name of a filter. */
export type AuditFilter = (typeof AUDIT_FILTERS)[number];

/** The filters that are set. */
export type AuditQuery = Readonly<Partial<Record<AuditFilter, string>>>;

/** What the address filters by; other parameters are the page's own. */
export const auditQuery = (query: URLSearchParams): AuditQuery =>
  Object.fromEntries(
    AUDIT_FILTERS.flatMap((name) => {
      const value = query.get(name);
      return value === null || value === "" ? [] : [[name, value]];
    }),
  );

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text can be the id of a user or of a cycle. */
export const isId = (text: string): boolean => ID.test(text);

/** The beginning of the reader's day, ISO 8601. */
export function startOfDay(now: Date): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A moment, ISO 8601, as a field for local times takes it; "" for what is none. */
export function localOf(iso: string | undefined): string {
  const date = new Date(iso ?? "");
  if (Number.isNaN(date.getTime())) return "";
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const seconds = date.getSeconds() === 0 ? "" : `:${two(date.getSeconds())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}${seconds}`;
}

/** The moment of a field for local times, ISO 8601; null while it is not whole (a year is typed digit by digit). */
export function isoOf(local: string): string | null {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) || date.getFullYear() < 1970 ? null : date.toISOString();
}
