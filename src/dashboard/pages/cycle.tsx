// The page "Cycle".
import { Page } from "../parts/page.tsx";

/** The page. */
export function CyclePage({ id }: { readonly id: string }) {
  return <Page title="Cycle">{id}</Page>;
}
