// The page "Users".
import { Page } from "../parts/page.tsx";

/** The page. */
export function UsersPage() {
  return <Page title="Users">{null}</Page>;
}
