// One user by two configurations: what the draft would decide, beside what the saved one does. Nothing is written.
import { useEffect, useState } from "preact/hooks";
import { Refusal, send } from "../../ask/ask.ts";
import type { ProvisionAnswer } from "../../ask/contract.ts";
import type { JsonObject } from "./json.ts";
import type { Fault } from "./mapping-context.ts";

// People pause between words; a question after each letter would only be thrown away.
const PAUSE_MS = 450;

/** What is known of the user. */
export interface DryRun {
  readonly saved: ProvisionAnswer | null;
  readonly draft: ProvisionAnswer | null;
  /** Why there is no answer, where it is not for faults of the draft. */
  readonly refusal: Refusal | null;
  /** The faults of the draft as it was asked about last; null: it was not looked at. */
  readonly faults: readonly Fault[] | null;
  readonly isBusy: boolean;
}

async function ask(
  system: "drupal" | "entra",
  id: string,
  configuration: JsonObject,
  signal: AbortSignal,
): Promise<ProvisionAnswer> {
  const asked = { system, id, dryRun: true, configuration };
  const { body } = await send<ProvisionAnswer>("POST", "provision", asked, {}, signal);
  return body;
}

// An id alone does not tell whose it is.
async function askBoth(
  id: string,
  configuration: JsonObject,
  signal: AbortSignal,
): Promise<ProvisionAnswer> {
  try {
    return await ask("drupal", id, configuration, signal);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "userNotFound") throw error;
    return ask("entra", id, configuration, signal);
  }
}

interface Asked {
  readonly id: string | null;
  readonly configuration: JsonObject | null;
  readonly answer: ProvisionAnswer | null;
  readonly refusal: Refusal | null;
}

const UNASKED: Asked = { id: null, configuration: null, answer: null, refusal: null };

function useAsked(id: string | null, configuration: JsonObject | null, pauseMs: number): Asked {
  const [asked, setAsked] = useState<Asked>(UNASKED);
  useEffect(() => {
    if (id === null || configuration === null) return;
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const answer = await askBoth(id, configuration, controller.signal);
        if (!controller.signal.aborted) setAsked({ id, configuration, answer, refusal: null });
      } catch (error) {
        if (controller.signal.aborted) return;
        const refusal =
          error instanceof Refusal ? error : new Refusal("The page could not read the answer.", {});
        setAsked({ id, configuration, answer: null, refusal });
      }
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [id, configuration, pauseMs]);
  return asked.id === id ? asked : UNASKED;
}

const isFaulty = (refusal: Refusal | null): boolean => refusal?.code === "invalidConfiguration";

/** Looks at the user with this id (null: at nobody) by both documents; `draft` is null while it is the saved one. */
export function useDryRun(id: string | null, saved: JsonObject, draft: JsonObject | null): DryRun {
  const before = useAsked(id, saved, 0);
  const after = useAsked(id, draft, PAUSE_MS);
  const shown = draft === null ? before : after;
  const refusal = shown.refusal ?? before.refusal;
  return {
    saved: before.answer,
    // Until the first answer about the draft nothing is known to be other than it is.
    draft: shown.answer ?? (shown.refusal === null ? before.answer : null),
    refusal: isFaulty(refusal) ? null : refusal,
    faults: isFaulty(shown.refusal)
      ? (shown.refusal?.faults ?? [])
      : shown.answer === null
        ? null
        : [],
    isBusy: id !== null && shown.configuration !== (draft ?? saved),
  };
}
