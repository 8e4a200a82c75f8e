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

// A link holds ids only; the audit log knows how its user was last called, and asks neither system.
function Name({ id }: { readonly id: string }) {
  const last = useAnswer<AuditPageAnswer>(`audit?user=${id}&limit=1`);
  const name = last.body?.items[0]?.displayName;
  return <span class={name === undefined ? "mono" : undefined}>{name ?? id}</span>;
}

function Waiting({ link }: { readonly link: LinkAnswer }) {
  const open = link.conflicts.filter(({ decision }) => decision === null);
  const oldest = link.conflicts.map(({ openedAt }) => openedAt).toSorted()[0];
  return (
    <li class="waiting-link">
      <div class="waiting-who">
        <a href={hrefOf(`/users/${link.drupalUuid}`)}>
          <Name id={link.drupalUuid} />
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
          <Waiting key={link.drupalUuid} link={link} />
        ))}
      </ul>
      <More pages={links} />
    </Card>
  );
}
