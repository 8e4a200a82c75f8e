// The users whose attributes wait for an operator: both sides changed, and the mapping leaves it to a person.
import type { AuditPageAnswer, LinkAnswer, PageOf } from "../../ask/contract.ts";
import { useAnswer } from "../../ask/use-answer.ts";
import { usePages } from "../../ask/use-pages.ts";
import { Badge } from "../../parts/badge.tsx";
import { More } from "../../parts/more.tsx";
import { Card } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";
import { Ago } from "../../parts/time.tsx";
import { counted } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

type Conflict = LinkAnswer["conflicts"][number];

const WHY: Readonly<Record<Conflict["code"], string>> = {
  manual: "the row asks for a person",
  newestUnknown: "which edit is newer is not known",
  pingPong: "something sets it back each time",
};

const nameOfRow = ({ drupal, entra }: Conflict): string =>
  [drupal, entra].filter((end) => end !== null).join(" ↔ ");

type Names = ReadonlyMap<string, string>;

// A link holds ids only. The look that left a conflict open is a warning in the audit log, and says how the user was called:
// so one question tells nearly everyone's name, and asks neither system. Null: not known yet.
function useNames(): Names | null {
  const { body, refusal } = useAnswer<AuditPageAnswer>("audit?status=warning&limit=100");
  if (body === null) return refusal === null ? null : new Map();
  return new Map(
    body.items
      .toReversed()
      .flatMap(({ drupalUuid, displayName }): [string, string][] =>
        drupalUuid === undefined || displayName === undefined ? [] : [[drupalUuid, displayName]],
      ),
  );
}

// Whose conflict is older than that is asked for alone.
function Name({ id, names }: { readonly id: string; readonly names: Names | null }) {
  const known = names?.get(id);
  const isAlone = names !== null && known === undefined;
  const last = useAnswer<AuditPageAnswer>(isAlone ? `audit?user=${id}&limit=1` : null);
  const name = known ?? last.body?.items[0]?.displayName;
  return <span class={name === undefined ? "mono" : undefined}>{name ?? id}</span>;
}

function Waiting({ link, names }: { readonly link: LinkAnswer; readonly names: Names | null }) {
  const open = link.conflicts.filter(({ decision }) => decision === null);
  const oldest = link.conflicts.map(({ openedAt }) => openedAt).toSorted()[0];
  return (
    <li class="waiting-link">
      <div class="waiting-who">
        <a href={hrefOf(`/users/${link.drupalUuid}`)}>
          <Name id={link.drupalUuid} names={names} />
        </a>
        <span class="soft">{oldest === undefined ? null : <Ago at={oldest} />}</span>
      </div>
      <ul>
        {link.conflicts.map((conflict) => (
          <li key={conflict.key}>
            <span class="mono">{nameOfRow(conflict)}</span>{" "}
            <span class="soft">{WHY[conflict.code]}</span>{" "}
            {conflict.decision === null ? null : <Badge word="decided" tone="busy" />}
          </li>
        ))}
      </ul>
      {open.length > 0 ? null : (
        <p class="soft">Decided: the next look at the user carries it out.</p>
      )}
    </li>
  );
}

/** The card. */
export function WaitingLinks() {
  const links = usePages<PageOf<LinkAnswer>, LinkAnswer>("links?conflicts=true&limit=10");
  const names = useNames();
  const isNone = links.first !== null && links.items.length === 0 && !links.hasMore;
  return (
    <Card
      title="Waiting for your decision"
      aside={
        links.items.length === 0
          ? null
          : `${counted(links.items.length, "user")}${links.hasMore ? " so far" : ""}`
      }
    >
      {isNone ? (
        <Empty title="No conflict is open">
          Where both sides of an attribute changed and its row asks for a person, the user is listed
          here.
        </Empty>
      ) : null}
      <ul class="rows">
        {links.items.map((link) => (
          <Waiting key={link.drupalUuid} link={link} names={names} />
        ))}
      </ul>
      <More pages={links} />
    </Card>
  );
}
