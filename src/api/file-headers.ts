// The headers of an answer that is saved as a file, and shown by no browser.
import { SAFE_HEADERS } from "./problem.ts";

/** `name` with whatever could end or break the header replaced. */
export const fileHeaders = (name: string, type: string): Record<string, string> => ({
  ...SAFE_HEADERS,
  "Content-Type": `${type}; charset=utf-8`,
  "Content-Disposition": `attachment; filename="${name.replaceAll(/[^\w.-]/g, "_")}"`,
});
