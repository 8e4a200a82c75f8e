// The two buttons of a conflict: an operator takes one side's value, and the other side's is written over.
import { send } from "../../ask/ask.ts";
import type { Explanation, ProvisionAnswer } from "../../ask/contract.ts";
import { confirmed } from "../../parts/confirm.tsx";
import { OrderButton } from "../../parts/order-button.tsx";
import { Ago } from "../../parts/time.tsx";
import { textOf } from "../../parts/value.tsx";
import { sentenceOf, systemName } from "../../parts/words.ts";

type Conflict = Explanation["processing"]["conflicts"][number];
type Side = "drupal" | "entra";

const quoted = (value: Conflict["drupalValue"]): string => {
  const text = textOf(value);
  return text === null ? "the empty value" : `“${text}”`;
};

const question = (take: Side, { drupalValue, entraValue, ...names }: Conflict) => {
  const other = take === "drupal" ? "entra" : "drupal";
  const [kept, lost] = take === "drupal" ? [drupalValue, entraValue] : [entraValue, drupalValue];
  return {
    title: `Take ${systemName(take)}'s value?`,
    text: `${names[other] ?? "The value"} in ${systemName(other)} becomes ${quoted(kept)}, in place of ${quoted(lost)}. The audit log tells of it.`,
    does: `Take ${systemName(take)}'s`,
  };
};

/** The buttons. */
export function Settle({
  conflict,
  drupalUuid,
  refresh,
}: {
  readonly conflict: Conflict;
  readonly drupalUuid: string;
  readonly refresh: () => Promise<void>;
}) {
  const taking = (take: Side) => async () => {
    if (!(await confirmed(question(take, conflict)))) return null;
    const { key, openedAt } = conflict;
    try {
      const { body, status } = await send<ProvisionAnswer>(
        "POST",
        `links/${drupalUuid}/conflicts`,
        {
          attribute: key,
          take,
          openedAt,
        },
      );
      if (status === 202)
        return "Decided. The user is busy just now: it is carried out in a moment.";
      return body.outcome.status === "success"
        ? `Decided: ${systemName(take)}'s value is on both sides.`
        : `Decided. ${sentenceOf(body.outcome.reason.message)}`;
    } finally {
      // Also when it was refused: the values may have moved.
      await refresh();
    }
  };
  return (
    <div class="settle">
      <OrderButton order={taking("drupal")}>Take Drupal's</OrderButton>
      <OrderButton order={taking("entra")}>Take Entra's</OrderButton>
      <span class="soft">
        open since <Ago at={conflict.openedAt} />
      </span>
    </div>
  );
}
