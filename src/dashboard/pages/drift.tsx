// The page "Drift".
import { Page } from "../parts/page.tsx";

/** The page. */
export function DriftPage() {
  return <Page title="Drift">{null}</Page>;
}
