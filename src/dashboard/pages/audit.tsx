// The page "Audit".
import { Page } from "../parts/page.tsx";

/** The page. */
export function AuditPage() {
  return <Page title="Audit">{null}</Page>;
}
