// Starts a cycle: of which side, over whom, and whether it only looks or begins with a few users.
import { useState } from "preact/hooks";
import { OrderButton } from "../../parts/order-button.tsx";
import { type CycleOrder, startCycle } from "../../parts/start-cycle.ts";

type Kind = "schedule" | "initial" | "incremental" | "photos";

const KINDS: readonly { readonly kind: Kind; readonly name: string; readonly means: string }[] = [
  {
    kind: "schedule",
    name: "As the schedule would",
    means: "What changed; or everyone, where that is due.",
  },
  {
    kind: "incremental",
    name: "Incremental",
    means: "Who changed since the last cycle. Needs one that came to its end.",
  },
  {
    kind: "initial",
    name: "Initial",
    means: "Everyone. Who is as agreed costs nothing but the reading.",
  },
  {
    kind: "photos",
    name: "Pictures",
    means: "The pictures of everyone with a link, from Entra to Drupal.",
  },
];

type Way = "write" | "look" | "canary";

function orderOf(
  direction: CycleOrder["direction"],
  kind: Kind,
  way: Way,
  first: number,
): CycleOrder {
  return {
    direction: kind === "photos" ? "entraToDrupal" : direction,
    ...(kind === "schedule" ? {} : { kind }),
    ...(way === "look" ? { dryRun: true } : {}),
    ...(way === "canary" ? { canary: first } : {}),
  };
}

function Choices({
  kind,
  setKind,
}: {
  readonly kind: Kind;
  readonly setKind: (kind: Kind) => void;
}) {
  return (
    <fieldset class="choices">
      <legend>Whom to look through</legend>
      {KINDS.map((one) => (
        <label key={one.kind} class="choice">
          <input
            type="radio"
            name="kind"
            checked={kind === one.kind}
            onChange={() => setKind(one.kind)}
          />
          <span>
            {one.name}
            <small>{one.means}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

const WAYS: readonly { readonly way: Way; readonly name: string; readonly means: string }[] = [
  { way: "look", name: "Look only", means: "A plan to look at. It may be approved afterwards." },
  {
    way: "canary",
    name: "Write a few users first",
    means: "Then it stops, shows them, and waits for your word.",
  },
  { way: "write", name: "Write", means: "Above the thresholds it waits for an approval." },
];

/** The form, closed until it is wanted. */
export function StartForm() {
  const [direction, setDirection] = useState<CycleOrder["direction"]>("drupalToEntra");
  const [kind, setKind] = useState<Kind>("schedule");
  const [way, setWay] = useState<Way>("look");
  const [first, setFirst] = useState(5);
  return (
    <details class="card start">
      <summary>
        <h2>Start a cycle</h2>
      </summary>
      <div class="start-form">
        <fieldset class="choices" disabled={kind === "photos"}>
          <legend>Whose users</legend>
          {(["drupalToEntra", "entraToDrupal"] as const).map((one) => (
            <label key={one} class="choice">
              <input
                type="radio"
                name="direction"
                checked={(kind === "photos" ? "entraToDrupal" : direction) === one}
                onChange={() => setDirection(one)}
              />
              <span>
                {one === "drupalToEntra"
                  ? "Drupal's, on their way to Entra"
                  : "Entra's, on their way to Drupal"}
              </span>
            </label>
          ))}
          <small>What is found is written as the configuration says, both ways.</small>
        </fieldset>
        <Choices kind={kind} setKind={setKind} />
        <fieldset class="choices">
          <legend>How</legend>
          {WAYS.map((one) => (
            <label key={one.way} class="choice">
              <input
                type="radio"
                name="way"
                checked={way === one.way}
                onChange={() => setWay(one.way)}
              />
              <span>
                {one.name}
                <small>{one.means}</small>
              </span>
            </label>
          ))}
          {way === "canary" ? (
            <label class="field first">
              <span>How many users first</span>
              <input
                type="number"
                min={1}
                max={100_000}
                value={first}
                onInput={(event) => setFirst(Math.max(1, event.currentTarget.valueAsNumber || 1))}
              />
            </label>
          ) : null}
        </fieldset>
      </div>
      <p class="card-actions">
        <OrderButton tone="primary" order={() => startCycle(orderOf(direction, kind, way, first))}>
          {way === "look" ? "Plan it" : "Start it"}
        </OrderButton>
      </p>
    </details>
  );
}
