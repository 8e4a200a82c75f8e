// The page "Users": finds anyone of both systems; and before one looks for somebody, shows who waits for a decision.
import { useEffect, useState } from "preact/hooks";
import { Page } from "../parts/page.tsx";
import { PeopleSearch } from "../parts/people-search.tsx";
import { idOfPerson, Person } from "../parts/person.tsx";
import { SHORTEST, usePaused, usePeople } from "../parts/use-people.ts";
import { hrefOf, setQuery, usePlace } from "../route.ts";
import { Guide } from "./users/guide.tsx";
import { WaitingLinks } from "./users/waiting-links.tsx";

const SHOWN = 25;

/** The page. */
export function UsersPage() {
  const asked = usePlace().query.get("q") ?? "";
  const [text, setText] = useState(asked);
  const paused = usePaused(text);
  const people = usePeople(paused, SHOWN);
  // The address follows the field, and the field follows the back button.
  useEffect(() => setQuery({ q: paused.trim() }), [paused]);
  useEffect(() => setText((now) => (now.trim() === asked ? now : asked)), [asked]);
  return (
    <Page
      title="Users"
      lead="Find anyone of Drupal and Entra, see why they are as they are, and set them right."
    >
      <div class="card">
        <PeopleSearch text={text} setText={setText} people={people} label="Name, mail, UPN or id">
          {(person) => (
            <a class="person" href={hrefOf(`/users/${idOfPerson(person)}`)}>
              <Person person={person} />
            </a>
          )}
        </PeopleSearch>
      </div>
      {[...text.trim()].length < SHORTEST ? (
        <div class="users-below">
          <WaitingLinks />
          <Guide />
        </div>
      ) : null}
    </Page>
  );
}
