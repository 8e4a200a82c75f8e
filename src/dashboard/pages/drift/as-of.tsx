// As of when the report is, for each side; and where a side was never read to its end, the order to read it without writing.
import type { DriftAnswer } from "../../ask/contract.ts";
import { Icon } from "../../parts/icon.tsx";
import { OrderButton } from "../../parts/order-button.tsx";
import { startCycle } from "../../parts/start-cycle.ts";
import { Ago, Time } from "../../parts/time.tsx";
import { systemName } from "../../parts/words.ts";

const SIDES = [
  { system: "drupal", direction: "drupalToEntra" },
  { system: "entra", direction: "entraToDrupal" },
] as const;

function NotRead({ system, direction }: (typeof SIDES)[number]) {
  const name = systemName(system);
  return (
    <div class="note warn">
      <Icon name="warn" />
      <div class="matter not-read">
        <p>
          Who is only in {name} is not known yet: no listing of {name} has come to its end. A dry
          run of everyone reads it, and writes nothing.
        </p>
        <OrderButton order={() => startCycle({ direction, kind: "initial", dryRun: true })}>
          Read {name} now
        </OrderButton>
      </div>
    </div>
  );
}

/** Both sides. */
export function AsOf({ asOf }: Pick<DriftAnswer, "asOf">) {
  const read = SIDES.filter(({ system }) => asOf[system] !== null);
  return (
    <>
      {read.length === 0 ? null : (
        <p class="as-of">
          {read.map(({ system }) => {
            const at = asOf[system];
            return at === null ? null : (
              <span key={system}>
                {systemName(system)} as listed <Time at={at} />{" "}
                <span class="soft">
                  (<Ago at={at} />)
                </span>
              </span>
            );
          })}
          <span class="soft">Who was settled since then is left out.</span>
        </p>
      )}
      {SIDES.filter(({ system }) => asOf[system] === null).map((side) => (
        <NotRead key={side.system} {...side} />
      ))}
    </>
  );
}
