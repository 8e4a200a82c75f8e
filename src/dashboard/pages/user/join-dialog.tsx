// Joins two accounts that are one person's: find the other one, see what would be written, then decide.
import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "../../ask/ask.ts";
import type { PersonAnswer, ProvisionAnswer } from "../../ask/contract.ts";
import { OrderButton } from "../../parts/order-button.tsx";
import { PeopleSearch } from "../../parts/people-search.tsx";
import { nameOfPerson, Person } from "../../parts/person.tsx";
import { Loading, RefusalNote } from "../../parts/states.tsx";
import { ToastPlace } from "../../parts/toast.tsx";
import { Told } from "../../parts/told.tsx";
import { usePaused, usePeople } from "../../parts/use-people.ts";
import { Value } from "../../parts/value.tsx";
import { systemName } from "../../parts/words.ts";
import { type Ordered, provision, type Subject } from "./provision.ts";
import { ExportDetail } from "./step-details.tsx";

const SHOWN = 10;

interface Chosen {
  readonly person: PersonAnswer;
  /** What joining the two would write. */
  readonly plan: ProvisionAnswer;
}

// The order names the Drupal account and the Entra account that it joins, whichever of them the page is about.
function pairOf(subject: Subject, { drupalUuid, entraObjectId }: PersonAnswer) {
  if (subject.system === "drupal" && entraObjectId !== null)
    return { drupal: subject.id, joins: entraObjectId };
  if (subject.system === "entra" && drupalUuid !== null)
    return { drupal: drupalUuid, joins: subject.id };
  return null;
}

/** A person in the list, who can be chosen unless they are linked or are not there on the other side: the row says so. */
function Candidate({
  person,
  isFree,
  choose,
}: {
  readonly person: PersonAnswer;
  readonly isFree: boolean;
  readonly choose: () => Promise<null>;
}) {
  return (
    <div class="person">
      <Person person={person} />
      {isFree ? <OrderButton order={choose}>Choose</OrderButton> : null}
    </div>
  );
}

/** Who they are on each side: people of one name are many. */
function Pair({ chosen, name }: { readonly chosen: Chosen; readonly name: string }) {
  const { drupal, entra } = chosen.plan.explanation?.import ?? { drupal: null, entra: null };
  if (drupal === null || entra === null)
    return (
      <p>
        <b>{name}</b> and <b>{nameOfPerson(chosen.person)}</b>
      </p>
    );
  return (
    <dl class="pairs">
      <dt>Drupal</dt>
      <dd>
        <b>{drupal.name}</b> {drupal.mail}
      </dd>
      <dt>Entra</dt>
      <dd>
        <b>
          <Value value={entra.attributes.displayName} />
        </b>{" "}
        {entra.userPrincipalName}
      </dd>
    </dl>
  );
}

function Plan({ chosen, name }: { readonly chosen: Chosen; readonly name: string }) {
  const { outcome, explanation } = chosen.plan;
  const steps = explanation?.export.steps ?? [];
  return (
    <>
      <Pair chosen={chosen} name={name} />
      {explanation === null || steps.length === 0 ? (
        <p class="note warn">
          <span>
            They would not be joined. <Told message={outcome.reason.message} />{" "}
            <code class="code">{outcome.reason.code}</code>
          </span>
        </p>
      ) : (
        <ExportDetail detail={explanation.export} isDone={false} />
      )}
    </>
  );
}

/** The dialog. `joined` is told what came of it; `close` leaves everything as it is. */
export function JoinDialog({
  subject,
  name,
  candidate,
  joined,
  close,
}: {
  readonly subject: Subject;
  readonly name: string;
  /** Whom the matching found: their plan is shown at once. */
  readonly candidate: PersonAnswer | null;
  readonly joined: (ordered: Ordered) => Promise<void>;
  readonly close: () => void;
}) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isLooking, setLooking] = useState(candidate !== null);
  const people = usePeople(usePaused(text), SHOWN);
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    // Closed before it is taken away: so the focus goes back to where it was.
    return () => dialog?.close();
  }, []);
  const other = systemName(subject.system === "drupal" ? "entra" : "drupal");
  const look = async (person: PersonAnswer) => {
    const pair = pairOf(subject, person);
    if (pair === null) return null;
    const { drupal, joins } = pair;
    const { answer } = await provision({ system: "drupal", id: drupal }, { joins, dryRun: true });
    setChosen({ person, plan: answer });
    return null;
  };
  useEffect(() => {
    if (candidate === null) return;
    look(candidate)
      .catch((error: unknown) => setRefusal(error instanceof Refusal ? error : null))
      .finally(() => setLooking(false));
  }, []);
  const join = async () => {
    const pair = chosen === null ? null : pairOf(subject, chosen.person);
    if (pair === null) return null;
    const ordered = await provision({ system: "drupal", id: pair.drupal }, { joins: pair.joins });
    await joined(ordered);
    return null;
  };
  const isJoinable = (chosen?.plan.explanation?.export.steps.length ?? 0) > 0;
  return (
    <dialog
      class="dialog join"
      aria-labelledby="join-title"
      ref={place}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2 id="join-title">Join with an account of {other}</h2>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      {isLooking ? (
        <Loading lines={3} />
      ) : chosen === null ? (
        <>
          <p class="soft">
            Only where you know that both are the same person's. The plan is shown before anything
            is written.
          </p>
          <PeopleSearch text={text} setText={setText} people={people} label="Name, mail, UPN or id">
            {(person) => (
              <Candidate
                person={person}
                isFree={!person.linked && pairOf(subject, person) !== null}
                choose={() => look(person)}
              />
            )}
          </PeopleSearch>
        </>
      ) : (
        <Plan chosen={chosen} name={name} />
      )}
      <p class="dialog-actions">
        <button type="button" onClick={close}>
          Leave it
        </button>
        {chosen === null ? null : (
          <>
            <button type="button" onClick={() => setChosen(null)}>
              Choose another
            </button>
            <OrderButton order={join} tone="primary" isOff={!isJoinable}>
              Join them
            </OrderButton>
          </>
        )}
      </p>
      <ToastPlace />
    </dialog>
  );
}
