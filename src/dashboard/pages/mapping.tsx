// The mapping: the sync configuration as forms and as JSON, tried on a user and on everyone before it is saved, with its history.
import { useMemo, useState } from "preact/hooks";
import type { LinkAnswer, PageOf } from "../ask/contract.ts";
import { useMayOperate } from "../ask/session.tsx";
import { useAnswer } from "../ask/use-answer.ts";
import { Icon } from "../parts/icon.tsx";
import { Page } from "../parts/page.tsx";
import { Loading, RefusalNote } from "../parts/states.tsx";
import { setQuery, usePlace } from "../route.ts";
import { AttributeRows } from "./mapping/attribute-rows.tsx";
import { BehindNote } from "./mapping/behind-note.tsx";
import { ChangeBar } from "./mapping/change-bar.tsx";
import { changedDraft, effective } from "./mapping/draft-changes.ts";
import { History } from "./mapping/history.tsx";
import { isObject, type Json, type JsonObject } from "./mapping/json.ts";
import { JsonForm } from "./mapping/json-form.tsx";
import { type Fault, type Mapping, MappingContext } from "./mapping/mapping-context.ts";
import { NameLists } from "./mapping/name-lists.tsx";
import { parsedText } from "./mapping/parse-fault.ts";
import { RulesForm } from "./mapping/rules-form.tsx";
import type { Schema } from "./mapping/schema.ts";
import { TryOnUser } from "./mapping/try-on-user.tsx";
import { type Draft, useDraft } from "./mapping/use-draft.ts";
import { useDryRun } from "./mapping/use-dry-run.ts";
import { type View, Views, viewIn } from "./mapping/views.tsx";

const LEAD =
  "Which value goes where, for whom, and what a disabled or deleted user means on the other side.";

interface TextFaults {
  readonly text: string;
  readonly faults: readonly Fault[];
}

// An expression's fault goes on with the text and a mark below it: the text stands beside it already.
const firstLine = ({ path, message }: Fault): Fault => ({
  path,
  message: message.split("\n")[0] ?? message,
});

const ofAttributes = ({ path }: Fault): boolean =>
  path === "attributes" || path.startsWith("attributes.");

function Notes({
  draft,
  view,
  mayEdit,
}: {
  readonly draft: Draft;
  readonly view: View;
  readonly mayEdit: boolean;
}) {
  const isForm = view === "attributes" || view === "rules";
  return (
    <>
      {mayEdit ? null : (
        <p class="note">
          <Icon name="warn" />
          <span>You may look. Changing the configuration needs the app role Sync.Operate.</span>
        </p>
      )}
      {draft.fault === null || !isForm ? null : (
        <p class="note warn">
          <Icon name="warn" />
          <span>
            The draft cannot be read as JSON: mend it in the view “JSON”. Until then the forms show
            what is saved.
          </span>
        </p>
      )}
    </>
  );
}

function Workshop({
  saved,
  etag,
  schema,
  refresh,
}: {
  readonly saved: JsonObject;
  readonly etag: string | null;
  readonly schema: Schema;
  readonly refresh: () => Promise<void>;
}) {
  const { query } = usePlace();
  const view = viewIn(query);
  const mayEdit = useMayOperate();
  const draft = useDraft(saved, etag);
  const [told, setTold] = useState<TextFaults | null>(null);
  // Without a choice, whoever is linked: so a change shows its effect, and its faults, from the first edit on.
  const chosen = query.get("user");
  const isTried = mayEdit && view !== "history";
  const links = useAnswer<PageOf<LinkAnswer>>(isTried && chosen === null ? "links?limit=1" : null);
  const user = chosen ?? links.body?.items[0]?.drupalUuid ?? null;
  const dryRun = useDryRun(isTried ? user : null, saved, draft.isDirty ? draft.document : null);
  const before = useMemo(() => effective(schema, saved), [schema, saved]);
  const { document } = draft;
  const after = useMemo(
    () => (document === null ? before : effective(schema, document)),
    [schema, document, before],
  );
  const faults = (dryRun.faults ?? (told?.text === draft.text ? told.faults : [])).map(firstLine);
  const base = draft.isBehind ? parsedText(draft.baseText).value : saved;
  const mapping: Mapping = {
    schema,
    saved: before,
    draft: after,
    faults: draft.isDirty ? faults : [],
    mayEdit: mayEdit && document !== null,
    change: (path, value) => {
      if (document !== null)
        draft.setDocument(changedDraft({ schema, saved, draft: document }, path, value));
    },
  };
  const rowFaults = mapping.faults.filter(ofAttributes).length;
  return (
    <MappingContext.Provider value={mapping}>
      <NameLists />
      <Views faults={{ attributes: rowFaults, rules: mapping.faults.length - rowFaults }} />
      <Notes draft={draft} view={view} mayEdit={mayEdit} />
      <BehindNote saved={saved} draft={draft} />
      {isTried ? (
        <TryOnUser
          id={user}
          isDirty={draft.isDirty && document !== null}
          dryRun={dryRun}
          choose={(id) => setQuery({ user: id })}
        />
      ) : null}
      {view === "attributes" ? <AttributeRows dryRun={dryRun} /> : null}
      {view === "rules" ? <RulesForm /> : null}
      {view === "json" ? <JsonForm draft={draft} /> : null}
      {view === "history" ? (
        <History key={etag} saved={saved} draft={draft} mayEdit={mayEdit} />
      ) : null}
      <ChangeBar
        draft={draft}
        before={isObject(base) ? effective(schema, base) : before}
        after={after}
        hasFaults={mapping.faults.length > 0}
        refresh={refresh}
        tellFaults={(found) => setTold({ text: draft.text, faults: found })}
      />
    </MappingContext.Provider>
  );
}

/** The page. */
export function MappingPage() {
  // Asked again now and then: whoever edits learns early that someone else has saved.
  const configuration = useAnswer<Json>("configuration", { everyMs: 20_000 });
  const schema = useAnswer<Schema>("configuration/schema");
  const text = configuration.body === null ? null : JSON.stringify(configuration.body);
  // The same document as long as it says the same: what depends on it is not asked anew at each look.
  const saved = useMemo<JsonObject | null>(() => {
    const document: Json = text === null ? null : JSON.parse(text);
    return text === null ? null : isObject(document) ? document : {};
  }, [text]);
  const refusal = configuration.refusal ?? schema.refusal;
  if (saved !== null && schema.body !== null)
    return (
      <Page title="Mapping" lead={LEAD}>
        <Workshop
          saved={saved}
          etag={configuration.etag}
          schema={schema.body}
          refresh={configuration.refresh}
        />
      </Page>
    );
  return (
    <Page title="Mapping" lead={LEAD}>
      {refusal === null ? (
        <Loading lines={8} />
      ) : (
        <RefusalNote
          refusal={refusal}
          retry={() => Promise.all([configuration.refresh(), schema.refresh()])}
        />
      )}
    </Page>
  );
}
