// The page "Cycles".
import { Page } from "../parts/page.tsx";

/** The page. */
export function CyclesPage() {
  return <Page title="Cycles">{null}</Page>;
}
