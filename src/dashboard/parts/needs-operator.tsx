// What readers are told where orders are: why the buttons are closed.
import { useMayOperate } from "../ask/session.tsx";

/** The sentence; nothing for operators. */
export function NeedsOperator() {
  return useMayOperate() ? null : (
    <p class="needs-operator soft">You may look. Orders need the app role Sync.Operate.</p>
  );
}
