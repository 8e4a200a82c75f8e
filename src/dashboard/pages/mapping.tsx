// The page "Mapping".
import { Page } from "../parts/page.tsx";

/** The page. */
export function MappingPage() {
  return <Page title="Mapping">{null}</Page>;
}
