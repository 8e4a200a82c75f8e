// Every saved version: who, when, how it differs from what holds now, and the way back to it.
import type { PageOf, VersionAnswer } from "../../ask/contract.ts";
import { useAnswer } from "../../ask/use-answer.ts";
import { usePages } from "../../ask/use-pages.ts";
import { Badge } from "../../parts/badge.tsx";
import { confirmed } from "../../parts/confirm.tsx";
import { More } from "../../parts/more.tsx";
import { Empty, Loading, RefusalNote } from "../../parts/states.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.tsx";
import { setQuery, usePlace } from "../../route.ts";
import { isObject, type Json, type JsonObject, pretty } from "./json.ts";
import type { Draft } from "./use-draft.ts";
import { VersionDiff } from "./version-diff.tsx";

type VersionWithDocument = VersionAnswer & { readonly document: Json };

async function restore(version: VersionWithDocument, draft: Draft): Promise<void> {
  const { document } = version;
  if (!isObject(document)) return say("This version is not a JSON object.", { isBad: true });
  const isSure =
    !draft.isDirty ||
    (await confirmed({
      title: "Throw away the draft?",
      text: "The draft has changes that are not saved. This version takes their place.",
      does: "Put the version into the draft",
      isDanger: true,
    }));
  if (!isSure) return;
  draft.setDocument(document);
  say("The version is in the draft. Look at its impact, then save it.");
}

function Version({
  id,
  saved,
  draft,
  mayEdit,
}: {
  readonly id: string;
  readonly saved: JsonObject;
  readonly draft: Draft;
  readonly mayEdit: boolean;
}) {
  const version = useAnswer<VersionWithDocument>(`configuration/history/${encodeURIComponent(id)}`);
  if (version.refusal !== null)
    return <RefusalNote refusal={version.refusal} retry={version.refresh} />;
  const { body } = version;
  if (body === null) return <Loading lines={4} />;
  const [text, now] = [pretty(body.document), pretty(saved)];
  const isCurrent = text === now;
  return (
    <div class="version-open">
      <p class="version-tools">
        <span class="soft">
          {isCurrent
            ? "This is what holds now."
            : "From this version to what holds now: − was so then, + is so now."}
        </span>
        <button
          type="button"
          disabled={!mayEdit || isCurrent}
          title={mayEdit ? undefined : "Needs the app role Sync.Operate"}
          onClick={() => void restore(body, draft)}
        >
          Restore
        </button>
      </p>
      {isCurrent ? null : <VersionDiff before={text} after={now} />}
    </div>
  );
}

/** The list. */
export function History({
  saved,
  draft,
  mayEdit,
}: {
  readonly saved: JsonObject;
  readonly draft: Draft;
  readonly mayEdit: boolean;
}) {
  const { query } = usePlace();
  const open = query.get("version");
  const pages = usePages<PageOf<VersionAnswer>, VersionAnswer>("configuration/history?limit=50");
  if (pages.first !== null && pages.items.length === 0)
    return (
      <Empty title="Nothing was saved yet">
        The defaults hold. Every version that is saved from now on is kept here.
      </Empty>
    );
  return (
    <>
      <ol class="versions">
        {pages.items.map(({ id, at, actor }, index) => (
          <li key={id} class="version">
            <button
              type="button"
              class="version-head"
              aria-expanded={open === id}
              onClick={() => setQuery({ version: open === id ? null : id })}
            >
              <span>
                <b>
                  <Time at={at} />
                </b>{" "}
                <span class="soft">
                  <Ago at={at} />
                </span>
              </span>
              <span class="version-actor">{actor}</span>
              {index === 0 ? <Badge word="newest" tone="good" /> : <span />}
            </button>
            {open === id ? <Version id={id} saved={saved} draft={draft} mayEdit={mayEdit} /> : null}
          </li>
        ))}
      </ol>
      <More pages={pages} />
    </>
  );
}
