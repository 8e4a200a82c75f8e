// Why the user is as they are, and what comes next.
import type { UserAnswer } from "../../ask/contract.ts";
import { Icon } from "../../parts/icon.tsx";
import { Told } from "../../parts/told.tsx";
import { systemName } from "../../parts/words.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

const SIGNS = { good: "check", warn: "warn", bad: "warn", busy: "cycle", plain: "user" } as const;

type Pending = NonNullable<NonNullable<UserAnswer["link"]>["pending"]>;

const pendingText = ({ operation, system, attributes, at }: Pending): string =>
  `${systemName(system)}: a write (${operation}${attributes.length === 0 ? "" : `: ${attributes.join(", ")}`}) was announced at ${at} and is not confirmed yet. The next look finds out whether it arrived, and repeats it if not.`;

/** Where the user is only disabled before a delete, or a write is under way. */
function Notices({ link }: Pick<UserAnswer, "link">) {
  if (link === null || (link.deleteDue === null && link.pending === null)) return null;
  return (
    <ul class="headline-notices">
      {link.deleteDue === null ? null : (
        <li>
          <Told
            message={`The account in ${systemName(link.deleteDue.system)} is to be deleted at ${link.deleteDue.at}`}
          />
        </li>
      )}
      {link.pending === null ? null : (
        <li>
          <Told message={pendingText(link.pending)} />
        </li>
      )}
    </ul>
  );
}

/** The note at the head of the page. */
export function Headline({ answer }: { readonly answer: UserAnswer }) {
  const { tone, title, why, next }: Verdict = verdictOf(answer);
  return (
    <div class={`headline ${tone}`}>
      <Icon name={SIGNS[tone]} />
      <div>
        <h2>{title}</h2>
        <p>
          <Told message={why.message} /> <code class="code">{why.code}</code>
        </p>
        <p class="headline-next">
          <Told message={next} />
        </p>
        <Notices link={answer.link} />
      </div>
    </div>
  );
}
