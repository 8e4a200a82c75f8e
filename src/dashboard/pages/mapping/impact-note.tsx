// What saving the draft would do to everyone: in one line, in numbers, and the way to the users themselves.
import type { Impact } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { Icon } from "../../parts/icon.tsx";
import { RefusalNote } from "../../parts/states.tsx";
import { counted, number } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import type { Preview } from "./use-impact.ts";

const isHarmful = ({ harm }: Impact): boolean =>
  harm.disables + harm.deletes + harm.roleRemovals > 0;

const toneOf = (impact: Impact): "warn" | "busy" | "good" =>
  isHarmful(impact) ? "warn" : impact.users.touched > 0 ? "busy" : "good";

/** Whether the impact is fully known, and of the text that would be saved. */
export const isSeen = ({ impact, isBusy, text }: Preview, now: string): boolean =>
  impact !== null && !isBusy && text === now && impact.status === "complete";

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function Numbers({ impact }: { readonly impact: Impact }) {
  const { users, operations, harm } = impact;
  const rows = [
    ["compared", users.compared],
    ["touched", users.touched],
    ["spared", users.spared],
    ["unknown", users.unknown],
    ["disabled", harm.disables],
    ["deleted", harm.deletes],
    ["lose a role", harm.roleRemovals],
  ] as const;
  const shown = rows.filter(([name, count]) => count > 0 || name === "compared");
  const writes = Object.entries(operations).filter(([, count]) => count > 0);
  return (
    <>
      <p class="counts">
        {shown.map(([name, count]) => (
          <span key={name}>
            <b class="number">{number(count)}</b> {name}
          </span>
        ))}
      </p>
      {writes.length === 0 ? null : (
        <p class="soft">
          Writes: {writes.map(([operation, count]) => `${number(count)} ${operation}`).join(", ")}
        </p>
      )}
    </>
  );
}

function Reading({ impact }: { readonly impact: Impact | null }) {
  const users = impact?.users;
  return (
    <div class="impact" role="status">
      <p>
        <Badge word="planning" tone="busy" /> Everyone is planned with both configurations; nothing
        is written.
      </p>
      <progress
        aria-label="Users compared"
        {...(users !== undefined && users.read > 0
          ? { value: Math.min(users.compared, users.read), max: users.read }
          : {})}
      />
      <p class="soft number">
        {users === undefined
          ? "Starting …"
          : `${number(users.compared)} of ${counted(users.read, "user")} so far`}
      </p>
    </div>
  );
}

/** The impact of the draft; nothing before it was asked for. */
export function ImpactNote({
  preview,
  text,
  retry,
}: {
  readonly preview: Preview;
  readonly text: string;
  readonly retry: () => unknown;
}) {
  const { impact, refusal, isBusy } = preview;
  if (refusal !== null) {
    const other = /cycles\/([0-9a-f-]+)$/.exec(refusal.location ?? "")?.[1];
    return (
      <>
        <RefusalNote refusal={refusal} retry={retry} />
        {other === undefined ? null : (
          <p>
            <a href={hrefOf(`/cycles/${other}`)}>Go to the preview that is under way</a>
          </p>
        )}
      </>
    );
  }
  if (isBusy) return <Reading impact={impact} />;
  if (impact === null) return null;
  const isStale = preview.text !== text;
  const isComplete = impact.status === "complete";
  const tone = isStale || !isComplete ? "plain" : toneOf(impact);
  return (
    <div class={`note ${tone} impact`} role="status">
      <Icon name={tone === "good" ? "check" : tone === "busy" ? "user" : "warn"} />
      <div>
        <p>
          <b>{capital(impact.summary)}.</b>
          {isStale ? " This is about the draft as it was: look again." : ""}
          {isComplete
            ? ""
            : ` The preview is ${impact.status}${impact.reason === null ? "" : `: ${impact.reason.message}`}.`}
        </p>
        <Numbers impact={impact} />
        {impact.cycleId === null ? null : (
          <p>
            <a href={hrefOf(`/cycles/${impact.cycleId}`)}>See the users</a>
          </p>
        )}
      </div>
    </div>
  );
}
