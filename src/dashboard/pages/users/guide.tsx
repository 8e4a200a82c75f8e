// What one can find and do here, in a few words.
import { Card } from "../../parts/page.tsx";

/** The card. */
export function Guide() {
  return (
    <Card title="On the page of a user">
      <ul class="guide">
        <li>
          <b>Why.</b> One sentence on why they are as they are, what comes next, and the five steps
          behind it: import, scoping, matching, processing, export.
        </li>
        <li>
          <b>Side by side.</b> Both accounts and each row of the mapping, with the side that moved
          and the side that decides.
        </li>
        <li>
          <b>Set right.</b> Preview, sync now, settle a conflict, join two accounts, or take them
          apart.
        </li>
        <li>
          <b>History.</b> Everything that the sync ever wrote of them.
        </li>
      </ul>
    </Card>
  );
}
