// Says on every page when the app has stopped to answer, and from when what is shown there is.
import { useEffect } from "preact/hooks";
import { read } from "../ask/ask.ts";
import { useContact } from "../ask/contact.ts";
import { Icon } from "./icon.tsx";
import { Time } from "./time.tsx";

const TRY_EVERY_MS = 5000;

/** The note; nothing while the app answers. */
export function LostNote() {
  const { isLost, answeredAt } = useContact();
  // Not every page asks again by itself: this note does, as long as it stands.
  useEffect(() => {
    if (!isLost) return;
    const timer = setInterval(() => void read("session").catch(() => undefined), TRY_EVERY_MS);
    return () => clearInterval(timer);
  }, [isLost]);
  return (
    <div class="lost-place" role="status">
      {isLost ? (
        <p class="note bad lost">
          <Icon name="warn" />
          <span>
            The app has not answered
            {answeredAt === null ? "" : " since "}
            {answeredAt === null ? null : <Time at={new Date(answeredAt).toISOString()} />}. What
            you see is from then.
          </span>
        </p>
      ) : null}
    </div>
  );
}
