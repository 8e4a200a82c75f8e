// The user on whom the draft is tried: who, what the draft would write, and what is written by the saved configuration.
import type { ProvisionAnswer } from "../../ask/contract.ts";
import { Badge } from "../../parts/badge.tsx";
import { RefusalNote } from "../../parts/states.tsx";
import { Changed } from "../../parts/value.tsx";
import { counted, systemName } from "../../parts/words.ts";
import { hrefOf } from "../../route.ts";
import { isSame } from "./json.ts";
import type { DryRun } from "./use-dry-run.ts";
import { UserPicker } from "./user-picker.tsx";

type ExportStep = NonNullable<ProvisionAnswer["explanation"]>["export"]["steps"][number];

const stepsOf = (answer: ProvisionAnswer | null): readonly ExportStep[] =>
  answer?.explanation?.export.steps ?? [];

const areSameStep = (a: ExportStep, b: ExportStep): boolean =>
  a.operation === b.operation &&
  a.system === b.system &&
  a.changes.length === b.changes.length &&
  a.changes.every(
    ({ attribute, before, after }, index) =>
      attribute === b.changes[index]?.attribute &&
      isSame(before, b.changes[index]?.before) &&
      isSame(after, b.changes[index]?.after),
  );

function nameIn(answer: ProvisionAnswer | null): string | null {
  const { drupal = null, entra = null } = answer?.explanation?.import ?? {};
  const shown = entra?.attributes.displayName;
  return typeof shown === "string" ? shown : (drupal?.name ?? entra?.userPrincipalName ?? null);
}

function Writes({
  title,
  answer,
  other,
}: {
  readonly title: string;
  readonly answer: ProvisionAnswer;
  readonly other: ProvisionAnswer | null;
}) {
  const steps = stepsOf(answer);
  const isOther = (step: ExportStep) =>
    other !== null && !stepsOf(other).some((one) => areSameStep(one, step));
  return (
    <section aria-label={title}>
      <h2>
        {title} <span class="soft">{steps.length === 0 ? "" : counted(steps.length, "write")}</span>
      </h2>
      <p class="soft">{answer.outcome.reason.message}</p>
      <ul class="rows">
        {steps.map((step) => (
          <li
            key={`${step.system} ${step.operation} ${step.resource}`}
            class={isOther(step) ? "other" : undefined}
          >
            <b>
              {step.operation} {step.resource === "role" ? "role " : ""}in {systemName(step.system)}
            </b>
            {isOther(step) ? (
              <>
                {" "}
                <Badge word="differs" tone="warn" />
              </>
            ) : null}
            <ul class="try-changes">
              {step.changes.map(({ attribute, before, after }) => (
                <li key={attribute}>
                  <code>{attribute}</code> <Changed before={before} after={after} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The panel. `id`: whom; null where nobody is chosen and nobody is linked yet. */
export function TryOnUser({
  id,
  isDirty,
  dryRun,
  choose,
}: {
  readonly id: string | null;
  readonly isDirty: boolean;
  readonly dryRun: DryRun;
  readonly choose: (id: string) => void;
}) {
  const { saved, draft, refusal, faults, isBusy } = dryRun;
  const name = nameIn(draft ?? saved);
  const count = (answer: ProvisionAnswer) =>
    stepsOf(answer).length === 0 ? "nothing to write" : counted(stepsOf(answer).length, "write");
  return (
    <section class="card try" aria-label="The draft, tried on a user">
      <div class="try-head">
        <div>
          <p>
            <span class="soft">Tried on</span>{" "}
            {id === null ? (
              <span class="soft">nobody: choose a user to see what each row does to them.</span>
            ) : (
              <a href={hrefOf(`/users/${id}`)}>{name ?? id}</a>
            )}{" "}
            {isBusy ? <Badge word="looking" tone="busy" /> : null}
          </p>
          <p class="soft" role="status">
            {(faults ?? []).length > 0
              ? "The draft has faults; they are told at their places."
              : draft === null || saved === null
                ? ""
                : isDirty
                  ? `Draft: ${count(draft)}. Saved: ${count(saved)}. Nothing is written here.`
                  : `By what is saved: ${count(saved)}. Nothing is written here.`}
          </p>
        </div>
        <UserPicker choose={choose} />
      </div>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      {saved === null || draft === null ? null : (
        <details class="try-writes">
          <summary>What would be written</summary>
          <div class="grid">
            {isDirty ? <Writes title="By the draft" answer={draft} other={saved} /> : null}
            <Writes title="By what is saved" answer={saved} other={isDirty ? draft : null} />
          </div>
        </details>
      )}
    </section>
  );
}
