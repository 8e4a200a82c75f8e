// The newest of the audit log.
import type { AuditPageAnswer } from "../../ask/contract.ts";
import { useAnswer } from "../../ask/use-answer.ts";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/page.tsx";
import { Empty, Loading, RefusalNote } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import { titleOf } from "../audit/entry-words.ts";

/** The card. */
export function RecentCard() {
  const audit = useAnswer<AuditPageAnswer>("audit?limit=8", { everyMs: 3000 });
  const items = audit.body?.items ?? [];
  return (
    <Card title="Lately" aside={<a href={hrefOf("/audit")}>The audit log</a>}>
      {audit.isLoading ? <Loading lines={4} /> : null}
      {audit.refusal === null ? null : (
        <RefusalNote refusal={audit.refusal} retry={audit.refresh} isBeside={audit.body !== null} />
      )}
      {audit.body !== null && items.length === 0 ? (
        <Empty title="Nothing has been written yet">
          Edit a user in Drupal, or start a cycle: it will be told here.
        </Empty>
      ) : null}
      <ul class="rows">
        {items.map((entry) => {
          // Where Entra's user was only looked at, the Drupal UUID is the one that their account would get.
          const whose =
            entry.direction === "entraToDrupal"
              ? (entry.entraId ?? entry.drupalUuid)
              : (entry.drupalUuid ?? entry.entraId);
          return (
            <li key={entry.id}>
              <span class="soft">
                <Ago at={entry.at} />
              </span>{" "}
              <Badge word={entry.status} /> {titleOf(entry)}
              {entry.system === undefined ? "" : ` in ${systemName(entry.system)}`}
              {whose === undefined ? null : (
                <>
                  {": "}
                  <a href={hrefOf(`/users/${whose}`)}>{entry.displayName ?? whose}</a>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
