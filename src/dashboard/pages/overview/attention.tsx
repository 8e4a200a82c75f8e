// What needs a person now, the most harmful first; or that nothing does.
import type { ComponentChildren } from "preact";
import { useContact } from "../../ask/contact.ts";
import type { CyclesAnswer, EscrowAnswer, HealthAnswer } from "../../ask/contract.ts";
import type { Known } from "../../ask/use-answer.ts";
import { Icon } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";
import { WaitsFor } from "../../parts/waits-for.tsx";
import { counted, directionName, kindName, systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

interface Matter {
  readonly key: string;
  readonly tone: "bad" | "warn";
  readonly text: ComponentChildren;
  readonly href: string;
  readonly does: string;
}

function matters(
  cycles: CyclesAnswer | null,
  escrow: EscrowAnswer | null,
  health: HealthAnswer | null,
): Matter[] {
  const failed = (health?.checks ?? []).filter(({ status }) => status === "failed");
  const waiting = cycles?.waiting ?? [];
  const stopped = (cycles?.jobs ?? []).filter(({ quarantine }) => quarantine !== null);
  const refused = (escrow?.groups ?? []).reduce((sum, { users }) => sum + users, 0);
  return [
    ...failed.map(
      ({ name, message }): Matter => ({
        key: `health ${name}`,
        tone: "bad",
        text: (
          <>
            <b>{systemName(name)}</b> cannot be used: {message}
          </>
        ),
        href: "#health",
        does: "See the check",
      }),
    ),
    ...stopped.map(
      (job): Matter => ({
        key: `job ${job.job}`,
        tone: "bad",
        text: (
          <>
            <b>{job.job === "photos" ? "Pictures" : directionName(job.direction)}</b> is in
            quarantine: {job.quarantine?.reason.message}
          </>
        ),
        href: "/cycles",
        does: "Go to the cycles",
      }),
    ),
    ...waiting.map(
      (cycle): Matter => ({
        key: cycle.id,
        tone: "warn",
        text: (
          <>
            <b>{directionName(cycle.direction)}</b>, {kindName(cycle.kind).toLowerCase()} cycle of{" "}
            <Time at={cycle.createdAt} />: <WaitsFor cycle={cycle} />
          </>
        ),
        href: `/cycles/${cycle.id}`,
        does: "Look at the plan",
      }),
    ),
    ...(refused === 0
      ? []
      : [
          {
            key: "escrow",
            tone: "warn",
            text: `${counted(refused, "user")} could not be written and ${refused === 1 ? "waits" : "wait"} in escrow.`,
            href: "/escrow",
            does: "See why",
          } satisfies Matter,
        ]),
  ];
}

/** The matters, each with the way to it. */
export function Attention({
  cycles,
  escrow,
  health,
}: {
  readonly cycles: Known<CyclesAnswer>;
  readonly escrow: Known<EscrowAnswer>;
  readonly health: Known<HealthAnswer>;
}) {
  const { isLost } = useContact();
  const found = matters(cycles.body, escrow.body, health.body);
  // That nothing needs anyone is said only of what was answered just now.
  const isKnown =
    !isLost &&
    health.body?.status === "ok" &&
    [cycles, escrow, health].every(({ body, refusal }) => body !== null && refusal === null);
  if (found.length === 0 && !isKnown) return null;
  if (found.length === 0)
    return (
      <div class="attention">
        <p class="note good">
          <Icon name="check" />
          <span>Nothing needs you. Both systems answer, and nobody waits.</span>
        </p>
      </div>
    );
  return (
    <ul class="attention">
      {found.map(({ key, tone, text, href, does }) => (
        <li key={key} class={`note ${tone}`}>
          <Icon name="warn" />
          <div class="matter">
            <p>{text}</p>
            <a href={hrefOf(href)}>{does}</a>
          </div>
        </li>
      ))}
    </ul>
  );
}
