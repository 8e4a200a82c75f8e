// What stands out about a cycle, in sentences: what it waits for, and what its end means.
import type { CycleAnswer } from "../../ask/contract.ts";
import { Icon } from "../../parts/icon.tsx";
import { Ago } from "../../parts/time.tsx";
import { Expires, harmText } from "../../parts/waits-for.tsx";
import { ApproveButtons } from "./approve-buttons.tsx";

interface Shown {
  readonly cycle: CycleAnswer;
  readonly refresh: () => Promise<void>;
}

interface Waiting extends Shown {
  readonly expiresAt: string;
}

function Approval({ cycle, refresh, expiresAt }: Waiting) {
  const harm = harmText(cycle);
  return (
    <div class="note warn">
      <Icon name="warn" />
      <div>
        <p>
          <b>It waits for an approval.</b>{" "}
          {harm === ""
            ? "Its plan is below: nothing of it is written before you approve it."
            : `${harm[0]?.toUpperCase()}${harm.slice(1)}: more than the thresholds let pass. Nobody of them was touched; everyone else was served.`}{" "}
          Who moved since the plan was made is left out of it. The plan <Expires at={expiresAt} />.
        </p>
        <ApproveButtons cycle={cycle} refresh={refresh} />
      </div>
    </div>
  );
}

function Canary({ cycle, refresh, expiresAt }: Waiting) {
  return (
    <div class="note warn">
      <Icon name="warn" />
      <div>
        <p>
          <b>The first users are written.</b> Look at them below, and in Drupal and Entra. The rest
          goes on when you say so, and <Expires at={expiresAt} />.
        </p>
        <ApproveButtons cycle={cycle} refresh={refresh} />
      </div>
    </div>
  );
}

const MEANS: Readonly<Record<string, string>> = {
  incomplete:
    "Not everyone could be read or served. Nobody was taken for gone, and the next cycle begins where the last complete one ended.",
  failed:
    "The app gave up on it. What was written stays written; the next cycle begins where the last complete one ended.",
  cancelled: "It was stopped before its next user. What was written stays written.",
  interrupted: "Its host is gone. It is taken up again within a minute or two, where it stopped.",
};

/** The note of a cycle; none for one that went well. */
export function CycleNote({ cycle, refresh }: Shown) {
  const { waitsFor, status, reason, reading } = cycle;
  const shown = { cycle, refresh };
  if (waitsFor?.kind === "approval") return <Approval {...shown} expiresAt={waitsFor.expiresAt} />;
  if (waitsFor?.kind === "canary") return <Canary {...shown} expiresAt={waitsFor.expiresAt} />;
  const isPlan = cycle.dryRun && cycle.plan !== null && cycle.approval === null;
  if (isPlan && status === "complete" && cycle.kind !== "preview")
    return (
      <div class="note busy">
        <Icon name="overview" />
        <div>
          <p>
            <b>This was a look only.</b> Nothing was written. The plan below can be carried out as
            it is: who has moved since is left out.
          </p>
          <ApproveButtons cycle={cycle} refresh={refresh} />
        </div>
      </div>
    );
  const means = MEANS[status];
  const why = reading.fault ?? reason;
  if (waitsFor?.kind === "time")
    return (
      <p class="note busy">
        <Icon name="escrow" />
        <span>
          It waits, and goes on by itself <Ago at={waitsFor.until} />
          {why === null ? "" : `: ${why.message}`}.
        </span>
      </p>
    );
  if (means === undefined) return null;
  return (
    <div class={`note ${status === "failed" ? "bad" : "warn"}`}>
      <Icon name="warn" />
      <div>
        {why === null ? null : (
          <p>
            <b>{why.message}</b> <code class="code">{why.code}</code>
          </p>
        )}
        <p>{means}</p>
      </div>
    </div>
  );
}
