// Who waits to be tried again, by cause.
import type { EscrowAnswer } from "../../ask/contract.ts";
import type { Known } from "../../ask/use-answer.ts";
import { Card } from "../../parts/page.tsx";
import { Empty, Loading, RefusalNote } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { counted, systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

/** The card. */
export function EscrowCard({ escrow }: { readonly escrow: Known<EscrowAnswer> }) {
  const groups = escrow.body?.groups ?? [];
  return (
    <Card title="Escrow" aside={<a href={hrefOf("/escrow")}>All</a>}>
      {escrow.isLoading ? <Loading lines={2} /> : null}
      {escrow.refusal === null ? null : (
        <RefusalNote
          refusal={escrow.refusal}
          retry={escrow.refresh}
          isBeside={escrow.body !== null}
        />
      )}
      {escrow.body !== null && groups.length === 0 ? (
        <Empty title="Nobody waits">Every user could be written.</Empty>
      ) : null}
      <ul class="rows">
        {groups.map(({ system, code, message, users, nextAt }) => (
          <li key={`${system} ${code}`}>
            <a href={hrefOf(`/escrow?code=${code}&system=${system}`)}>{counted(users, "user")}</a>{" "}
            {systemName(system)}: {message}{" "}
            <span class="soft">
              {nextAt === null ? (
                "no more tries"
              ) : (
                <>
                  next try <Ago at={nextAt} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
