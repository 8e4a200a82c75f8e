// The page "User".
import { Page } from "../parts/page.tsx";

/** The page. */
export function UserPage({ id }: { readonly id: string }) {
  return <Page title="User">{id}</Page>;
}
