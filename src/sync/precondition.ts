// Which version of the configuration a request is about.

/** What must hold for a change to be made (RFC 9110, 13.1): nobody has saved one yet, someone has, or one of these ETags
 * is the current one's. */
export type Precondition = "absent" | "any" | readonly string[];

/** Whether the current version, null where nobody has saved one, is the one that is meant. */
export const isMet = (precondition: Precondition, etag: string | null): boolean => {
  if (precondition === "absent") return etag === null;
  return etag !== null && (precondition === "any" || precondition.includes(etag));
};
