// The page "Escrow".
import { Page } from "../parts/page.tsx";

/** The page. */
export function EscrowPage() {
  return <Page title="Escrow">{null}</Page>;
}
