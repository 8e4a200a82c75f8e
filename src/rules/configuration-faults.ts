// The faults of a configuration document: every one, where it is in two notations, and what to do about it.
import type { z } from "zod";

/** One fault: where, and what to do about it. */
export interface ConfigurationFault {
  /** Dotted, for people: `attributes.3.entra`; empty for the document itself. */
  readonly path: string;
  /** The same place as a JSON Pointer (RFC 6901), for editors and programs: `/attributes/3/entra`. */
  readonly pointer: string;
  readonly message: string;
}

// RFC 6901, 3: "~" and "/" are the two characters that a name cannot show as they are.
const escaped = (segment: PropertyKey): string =>
  String(segment).replaceAll("~", "~0").replaceAll("/", "~1");

const fault = (path: readonly PropertyKey[], message: string): ConfigurationFault => ({
  path: path.map(String).join("."),
  pointer: path.map((segment) => `/${escaped(segment)}`).join(""),
  message,
});

/** The faults that zod found. Each unknown name is one of its own, at its own place: that is where the typo is. */
export function faultsOf(error: z.ZodError): ConfigurationFault[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => fault([...issue.path, key], "is not a known name"))
      : [fault(issue.path, issue.message)],
  );
}
