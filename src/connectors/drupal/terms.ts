// Finds the term of a vocabulary by its label: how a text becomes a reference.
import { z } from "zod";
import { RejectedError } from "../../rules/errors.ts";
import { canonical, folded } from "../../rules/values.ts";
import { unexpectedAnswer } from "./answers.ts";
import type { DrupalClient } from "./client.ts";
import { createExpiringMemory } from "./expiring-memory.ts";
import { withQuery } from "./wire.ts";

/** A target of a reference, exactly as read: a wrong type would store the number of something else (contract/drupal-fields
 * 043). */
export interface ResourceIdentifier {
  readonly type: string;
  readonly id: string;
}

/** The terms of a site. */
export interface Terms {
  /** RejectedError naming `attribute` when there is no such term, or more than one. */
  find(attribute: string, vocabulary: string, label: string): Promise<ResourceIdentifier>;
  /** A write said that the term is gone. */
  forget(vocabulary: string, label: string): void;
}

const TERMS_LAST_MS = 5 * 60_000;
const termPage = z.object({
  data: z.array(
    z.object({
      type: z.string(),
      id: z.string(),
      attributes: z.object({ name: z.string() }),
    }),
  ),
});

const keyOf = (vocabulary: string, label: string): string => `${vocabulary} ${label}`;

/** The terms of one site, remembered for some minutes. A label that was not found is asked for again. */
export function createTerms(client: DrupalClient, now: () => Date): Terms {
  const known = createExpiringMemory<ResourceIdentifier>(now, TERMS_LAST_MS);

  const rejected = (code: string, attribute: string, message: string) =>
    new RejectedError(message, { system: "drupal", code, attribute });

  const ask = async (attribute: string, vocabulary: string, label: string) => {
    // IN ignores the case of all letters, `=` of ASCII only (contract/drupal-fields 064, 067).
    const path = withQuery(`/jsonapi/taxonomy_term/${encodeURIComponent(vocabulary)}`, [
      ["filter[name][operator]", "IN"],
      ["filter[name][value][]", label],
      [`fields[taxonomy_term--${vocabulary}]`, "name"],
    ]);
    const { status, body } = await client.send(
      { method: "GET", path },
      (answer) => (termPage.safeParse(answer.body).data?.data.length ?? 0) > 0,
    );
    if (status === 404) {
      const message = `Drupal shows no vocabulary ${vocabulary}`;
      throw rejected("vocabularyUnknown", attribute, message);
    }
    const parsed = termPage.safeParse(body);
    if (status !== 200 || !parsed.success) throw unexpectedAnswer();
    return parsed.data.data;
  };

  return {
    find: async (attribute, vocabulary, label) => {
      const remembered = known.get(keyOf(vocabulary, label));
      if (remembered !== undefined) return remembered;
      const terms = await ask(attribute, vocabulary, label);
      const same = terms.filter((term) => canonical(term.attributes.name) === canonical(label));
      const alike = terms.filter((term) => folded(term.attributes.name) === folded(label));
      const [found, ...others] = same.length > 0 ? same : alike;
      if (found === undefined) {
        const message = `the vocabulary ${vocabulary} has no published term of this name`;
        throw rejected("termUnknown", attribute, message);
      }
      // Names of terms are not unique (contract/drupal-fields 065).
      if (others.length > 0) {
        const message = `the vocabulary ${vocabulary} has more than one term of this name`;
        throw rejected("termAmbiguous", attribute, message);
      }
      const identifier = { type: found.type, id: found.id };
      known.put(keyOf(vocabulary, label), identifier);
      return identifier;
    },
    forget: (vocabulary, label) => known.forget(keyOf(vocabulary, label)),
  };
}
