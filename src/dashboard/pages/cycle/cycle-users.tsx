// The users of a cycle, each with what was or would be written, and why.
import { useEffect, useRef } from "preact/hooks";
import type { Direction } from "../../../rules/users.ts";
import type { CycleUser, CycleWithUsers } from "../../ask/contract.ts";
import type { Pages } from "../../ask/use-pages.ts";
import { Badge } from "../../parts/badge.tsx";
import { codeWords } from "../../parts/code-words.ts";
import { leadingId } from "../../parts/leading-id.ts";
import { More } from "../../parts/more.tsx";
import { Empty } from "../../parts/states.tsx";
import { Changed } from "../../parts/value.tsx";
import { systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";

function Steps({ user }: { readonly user: CycleUser }) {
  return (
    <ul class="steps">
      {user.steps.map((step) => (
        <li key={`${step.system} ${step.operation} ${step.resource}`}>
          <p>
            <b>{step.operation}</b> {step.resource} in {systemName(step.system)}{" "}
            {step.status === "success" || step.status === "planned" ? null : (
              <>
                <Badge word={step.status} /> <span class="soft">{step.reason.message}</span>
              </>
            )}
          </p>
          {step.changes.length === 0 ? null : (
            <dl class="step-changes">
              {step.changes.map((change) => (
                <div key={change.attribute}>
                  <dt>{change.attribute}</dt>
                  <dd>
                    <Changed before={change.before} after={change.after} />
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </li>
      ))}
    </ul>
  );
}

// "The sides differ" says nothing that the writes do not say: the rules behind their values do.
function Why({ user }: { readonly user: CycleUser }) {
  const { reason, steps } = user;
  const rules = new Set(steps.flatMap(({ changes }) => changes.map(({ why }) => codeWords(why))));
  if (reason.code === "differs" && rules.size > 0) return <span>{[...rules].join(", ")}</span>;
  return (
    <span>
      {reason.message} <code class="code">{reason.code}</code>
    </span>
  );
}

function Row({ user, direction }: { readonly user: CycleUser; readonly direction: Direction }) {
  const { drupalUuid, entraObjectId: entraId } = user;
  const id = leadingId({ drupalUuid, entraId, direction });
  return (
    <tr>
      <th scope="row" data-is="User">
        <span class="value">
          {id === null ? (
            (user.displayName ?? "–")
          ) : (
            <a href={hrefOf(`/users/${id}`)}>{user.displayName ?? id}</a>
          )}
        </span>
      </th>
      <td data-is="Outcome">
        <span>
          <Badge word={user.outcome} />
        </span>
      </td>
      <td data-is="Why">
        <Why user={user} />
      </td>
      <td data-is="Writes">
        {user.steps.length === 0 ? <span class="none">nothing</span> : <Steps user={user} />}
      </td>
    </tr>
  );
}

/** The table. `mark` moves when the cycle does: then the first page is read again, while nobody has gone further. */
export function CycleUsers({
  pages,
  direction,
  mark,
}: {
  readonly pages: Pages<CycleWithUsers, CycleUser>;
  /** Of whose users the cycle is. */
  readonly direction: Direction;
  readonly mark: string;
}) {
  const { items, first, refresh } = pages;
  const seen = useRef(mark);
  useEffect(() => {
    if (seen.current === mark || items.length > 50) return;
    seen.current = mark;
    void refresh();
  }, [mark, items.length, refresh]);
  return (
    <>
      {first !== null && items.length === 0 ? (
        <Empty title="Nobody here">No user of this cycle had this outcome.</Empty>
      ) : null}
      {items.length === 0 ? null : (
        <div class="table-place">
          <table class="folds plan">
            <caption class="unseen">The users of the cycle and their writes</caption>
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col">Outcome</th>
                <th scope="col">Why</th>
                <th scope="col">Writes</th>
              </tr>
            </thead>
            <tbody>
              {items.map((user, index) => (
                <Row
                  key={`${index} ${user.drupalUuid ?? user.entraObjectId}`}
                  user={user}
                  direction={direction}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More pages={pages} />
    </>
  );
}
