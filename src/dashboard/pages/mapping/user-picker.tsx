// Finds the user on whom a draft is tried: a search box with what both systems know, by keyboard as well.
import { useEffect, useId, useState } from "preact/hooks";
import { queryOf } from "../../ask/ask.ts";
import type { PeopleAnswer, PersonAnswer } from "../../ask/contract.ts";
import { useAnswer } from "../../ask/use-answer.ts";
import { systemName } from "../../parts/words.ts";

const PAUSE_MS = 250;
const MIN_LENGTH = 2;

const idOf = (person: PersonAnswer): string => person.drupalUuid ?? person.entraObjectId ?? "";

function useLater(text: string): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return later;
}

function whereOf({ drupalUuid, entraObjectId, linked }: PersonAnswer): string {
  if (linked) return "linked";
  return drupalUuid === null
    ? "only in Entra"
    : entraObjectId === null
      ? "only in Drupal"
      : "not linked";
}

/** The box. `choose` gets a Drupal UUID or an Entra object id. */
export function UserPicker({ choose }: { readonly choose: (id: string) => void }) {
  const list = useId();
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const search = useLater(text.trim());
  const isAsked = search.length >= MIN_LENGTH;
  const found = useAnswer<PeopleAnswer>(isAsked ? `users${queryOf({ search, limit: 8 })}` : null);
  const items = (found.body?.items ?? []).filter((person) => idOf(person) !== "");
  const isShown = isOpen && isAsked;
  // Of what stands in the box now, not of what stood there when the typing last paused.
  const isCurrent = search === text.trim() && found.body !== null;
  const [isEntered, setEntered] = useState(false);
  const take = (person: PersonAnswer | undefined) => {
    if (person === undefined) return;
    choose(idOf(person));
    setText("");
    setOpen(false);
  };
  // Enter came before the list: it counts when the list is there.
  useEffect(() => {
    if (!isEntered || !isCurrent) return;
    setEntered(false);
    take(items[0]);
  });
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") setOpen(false);
    if (event.key === "Enter") {
      event.preventDefault();
      if (isCurrent) take(items[active]);
      else setEntered(true);
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || items.length === 0) return;
    event.preventDefault();
    setActive((active + step + items.length) % items.length);
  };
  const said = () => {
    if (found.refusal !== null) return found.refusal.message;
    if (found.body === null) return "Searching …";
    return items.length === 0 ? "Nobody is called so." : null;
  };
  const away = (found.body?.failures ?? []).map(({ system }) => systemName(system));
  return (
    <div class="picker">
      <input
        type="text"
        role="combobox"
        aria-label="Try on another user: name, mail or UPN"
        placeholder="Another user …"
        autocomplete="off"
        aria-expanded={isShown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isShown && items.length > 0 ? `${list}-${active}` : undefined}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
          setEntered(false);
          setOpen(true);
        }}
        onKeyDown={onKey}
        onBlur={() => setOpen(false)}
      />
      <div class="picker-list" hidden={!isShown}>
        <div role="listbox" id={list} aria-label="Users found">
          {items.map((person, index) => (
            // The box keeps the focus: its arrow keys and Enter choose (ARIA APG, combobox with a listbox popup).
            <div
              key={idOf(person)}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              onMouseDown={(event) => {
                event.preventDefault();
                take(person);
              }}
            >
              <b>{person.name ?? person.userPrincipalName ?? idOf(person)}</b>{" "}
              <span class="soft">
                {person.mail ?? person.userPrincipalName ?? ""} · {whereOf(person)}
              </span>
            </div>
          ))}
        </div>
        <p class="soft picker-said" role="status">
          {said()}
          {away.length === 0 ? null : ` ${away.join(" and ")} did not answer.`}
        </p>
      </div>
    </div>
  );
}
