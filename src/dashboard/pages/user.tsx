// The page of one user: why they are as they are, both accounts, the mapping, the five steps, and their history.
import { useEffect, useState } from "preact/hooks";
import { queryOf } from "../ask/ask.ts";
import type { AuditEntry, AuditPageAnswer, PeopleAnswer, UserAnswer } from "../ask/contract.ts";
import { type Known, useAnswer } from "../ask/use-answer.ts";
import { usePages } from "../ask/use-pages.ts";
import { Card, Page } from "../parts/page.tsx";
import { Empty, Loading, RefusalNote } from "../parts/states.tsx";
import { hrefOf } from "../route.ts";
import { Accounts } from "./user/accounts.tsx";
import { Actions } from "./user/actions.tsx";
import { Headline } from "./user/headline.tsx";
import { History } from "./user/history.tsx";
import { LinkCard } from "./user/link-card.tsx";
import { MappingTable } from "./user/mapping-table.tsx";
import { namesOf } from "./user/names.ts";
import { OrderResult } from "./user/order-result.tsx";
import { Picture } from "./user/picture.tsx";
import type { Ordered } from "./user/provision.ts";
import { Steps } from "./user/steps.tsx";

const isNobody = (user: Known<UserAnswer>): boolean =>
  user.body === null && user.refusal?.status === 404;

/** While nothing is known of the user, and when asking again failed. */
function Asked({ id, user }: { readonly id: string; readonly user: Known<UserAnswer> }) {
  if (user.isLoading) return <Loading lines={8} />;
  if (isNobody(user))
    return (
      <div class="card">
        <Empty title="Nobody has this id">
          <span class="mono">{id}</span> is neither in Drupal nor in Entra, and the sync keeps no
          link of it. <a href={hrefOf("/users")}>Look for someone by name</a>.
        </Empty>
      </div>
    );
  if (user.refusal === null) return null;
  return <RefusalNote refusal={user.refusal} retry={user.refresh} />;
}

/** Why, both accounts, and the mapping, where it can be told who belongs to whom. */
function Now({
  answer,
  refresh,
}: {
  readonly answer: UserAnswer;
  readonly refresh: () => Promise<void>;
}) {
  const { explanation, link } = answer;
  return (
    <>
      <Headline answer={answer} />
      {explanation === null ? null : (
        <>
          <Accounts explanation={explanation} link={link} />
          <MappingTable explanation={explanation} refresh={refresh} />
        </>
      )}
    </>
  );
}

/** The five steps and the link, beside the history. */
function Aside({
  answer,
  name,
  hasSteps,
  left,
}: {
  /** The result of an order shows the steps already. */
  readonly hasSteps: boolean;
  readonly answer: UserAnswer;
  readonly name: string;
  readonly left: () => Promise<void>;
}) {
  return (
    <div class="user-aside">
      {answer.explanation === null || !hasSteps ? null : (
        <Card title="The five steps" aside="as the next look would decide">
          <Steps explanation={answer.explanation} isDone={false} />
        </Card>
      )}
      <LinkCard answer={answer} name={name} left={left} />
    </div>
  );
}

// An API that does not tell of the picture is asked for it.
const hashOf = ({ photo }: UserAnswer): string | null =>
  photo === undefined ? "?" : (photo?.hash ?? null);

// What the app tries again by itself takes a moment once it has begun.
const TRY_TAKES_MS = 3000;

/** Looks again when the app has tried again (ISO 8601; null: it need not). */
function useLookAt(at: string | null, look: () => Promise<void>) {
  useEffect(() => {
    if (at === null) return;
    const wait = Math.max(0, Date.parse(at) - Date.now()) + TRY_TAKES_MS;
    const timer = setTimeout(() => void look(), wait);
    return () => clearTimeout(timer);
  }, [at]);
}

/** The page. `id` is the Drupal UUID or the Entra object id. */
export function UserPage({ id }: { readonly id: string }) {
  const user = useAnswer<UserAnswer>(`links/${encodeURIComponent(id)}`);
  // The log knows an Entra user without link under the UUID that an account would get.
  const logId = user.body?.explanation?.drupalUuid ?? id;
  const audit = usePages<AuditPageAnswer, AuditEntry>(
    `audit${queryOf({ user: logId, limit: 25 })}`,
  );
  const [ordered, setOrdered] = useState<Ordered | null>(null);
  const answer = user.body;
  // Who cannot be explained still has a name.
  const isNameless = answer !== null && answer.explanation === null;
  const found = useAnswer<PeopleAnswer>(isNameless ? `users${queryOf({ search: id })}` : null);
  const { name, addresses } = namesOf(answer, found.body?.items[0] ?? null, id);
  const refresh = async () => {
    await Promise.all([user.refresh(), audit.refresh()]);
  };
  const againAt = ordered?.againAt ?? null;
  useLookAt(againAt, refresh);
  // What an order came to is no news any more once the two are taken apart.
  const left = async () => {
    setOrdered(null);
    await refresh();
  };
  const told = async (result: Ordered, isWritten: boolean) => {
    // An older order's late answer is not put over a newer one's.
    setOrdered((last) => (last !== null && last.askedAt > result.askedAt ? last : result));
    if (isWritten) await refresh();
  };
  const head =
    answer === null
      ? { title: audit.items.find(({ displayName }) => displayName)?.displayName ?? "User" }
      : {
          title: name,
          picture: <Picture id={id} hash={hashOf(answer)} name={name} />,
          actions: <Actions answer={answer} id={id} name={name} told={told} />,
          ...(addresses.length === 0 ? {} : { lead: addresses.join(" · ") }),
        };
  return (
    <Page {...head}>
      <Asked id={id} user={user} />
      <div class="user">
        {ordered === null ? null : <OrderResult ordered={ordered} close={() => setOrdered(null)} />}
        {answer === null ? null : <Now answer={answer} refresh={refresh} />}
        <div class="user-below">
          {answer === null ? null : (
            <Aside
              answer={answer}
              name={name}
              hasSteps={!ordered?.answer.explanation}
              left={left}
            />
          )}
          {isNobody(user) && audit.items.length === 0 ? null : <History id={logId} audit={audit} />}
        </div>
      </div>
    </Page>
  );
}
