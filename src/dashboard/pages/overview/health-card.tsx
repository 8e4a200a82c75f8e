// Whether everything that the sync depends on answers; and if not, what mends it.
import type { HealthAnswer } from "../../ask/contract.ts";
import type { Known } from "../../ask/use-answer.ts";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/page.tsx";
import { Loading, RefusalNote } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { systemName } from "../../parts/words.ts";

/** The card. */
export function HealthCard({ health }: { readonly health: Known<HealthAnswer> }) {
  const { body } = health;
  return (
    <Card
      title="Health"
      id="health"
      aside={
        body?.checkedAt === undefined ? null : (
          <>
            checked <Ago at={body.checkedAt} />
          </>
        )
      }
    >
      {health.isLoading ? <Loading lines={3} /> : null}
      {health.refusal === null ? null : (
        <RefusalNote refusal={health.refusal} retry={health.refresh} isBeside={body !== null} />
      )}
      <ul class="rows">
        {(body?.checks ?? []).map(({ name, status, message, code }) => (
          <li key={name}>
            <Badge word={status} /> <b>{systemName(name)}</b> {message}{" "}
            {code === undefined ? null : <code class="code">{code}</code>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
