// The search for people and what it found: a plain list that Tab and the arrow keys walk through, so that any reader can use it.
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import type { PeopleAnswer, PersonAnswer } from "../ask/contract.ts";
import type { Known } from "../ask/use-answer.ts";
import { Icon } from "./icon.tsx";
import { idOfPerson } from "./person.tsx";
import { Empty, Loading, RefusalNote } from "./states.tsx";
import { SHORTEST } from "./use-people.ts";
import { counted, sentenceOf, systemName } from "./words.ts";

const FOUND = ".people a, .people button:not(:disabled)";

/** Moves the focus between the field and what was found. */
function walk(event: KeyboardEvent, place: HTMLElement | null): void {
  if (place === null || !["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) return;
  const field = place.querySelector<HTMLElement>("input");
  const found = [...place.querySelectorAll<HTMLElement>(FOUND)];
  const at = found.indexOf(event.target instanceof HTMLElement ? event.target : place);
  // In the field Escape empties it, and in a dialog closes that: both are the browser's.
  if (event.key === "Escape" && at < 0) return;
  event.preventDefault();
  const next = event.key === "Escape" ? -1 : event.key === "ArrowDown" ? at + 1 : at - 1;
  (next < 0 ? field : (found[next] ?? found.at(-1)))?.focus();
}

function Failures({ failures }: { readonly failures: PeopleAnswer["failures"] }) {
  if (failures.length === 0) return null;
  return (
    <ul class="people-failures">
      {failures.map(({ system, code, message }) => (
        <li key={system} class="note warn">
          <Icon name="warn" />
          <div>
            <b>{systemName(system)} could not be asked:</b> {sentenceOf(message)} Who is only there
            is missing below. <code class="code">{code}</code>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Found({
  text,
  people,
  children,
}: {
  readonly text: string;
  readonly people: Known<PeopleAnswer>;
  readonly children: (person: PersonAnswer) => ComponentChildren;
}) {
  const { body, refusal, isLoading, refresh } = people;
  if (isLoading && body === null) return <Loading lines={3} />;
  if (body === null)
    return refusal === null ? null : <RefusalNote refusal={refusal} retry={refresh} />;
  return (
    <>
      <Failures failures={body.failures} />
      {body.items.length === 0 ? (
        <Empty title={`Nobody begins with “${text.trim()}”`}>
          The beginning of a name, a mail address or a user principal name finds people; an id finds
          the one who has it.
        </Empty>
      ) : (
        <ul class="people" aria-busy={isLoading}>
          {body.items.map((person) => (
            <li key={idOfPerson(person)}>{children(person)}</li>
          ))}
        </ul>
      )}
      {body.hasMore === true ? (
        <p class="soft people-more">There are others: go on typing to narrow it.</p>
      ) : null}
    </>
  );
}

/** The field and the list. `children` makes one row of a person: a link, or a button. */
export function PeopleSearch({
  text,
  setText,
  people,
  label,
  children,
}: {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly people: Known<PeopleAnswer>;
  readonly label: string;
  readonly children: (person: PersonAnswer) => ComponentChildren;
}) {
  const place = useRef<HTMLElement>(null);
  const id = useId();
  const isShort = [...text.trim()].length < SHORTEST;
  const count = people.body?.items.length;
  return (
    <search ref={place} class="people-search" onKeyDown={(event) => walk(event, place.current)}>
      <label class="unseen" for={id}>
        {label}
      </label>
      <div class="search-field">
        <Icon name="search" />
        <input
          id={id}
          type="search"
          autocomplete="off"
          spellcheck={false}
          maxLength={100}
          placeholder={label}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <p class="unseen" role="status">
        {isShort || count === undefined ? "" : `${counted(count, "person", "people")} found`}
      </p>
      {isShort ? null : (
        <Found text={text} people={people}>
          {children}
        </Found>
      )}
    </search>
  );
}
