// Vocabularies and their terms: what term fields of users refer to.

/** A vocabulary. */
export interface Vocabulary {
  readonly id: string;
  readonly uuid: string;
}

/** A term; only an administrator of the taxonomy sees or assigns what is not published. */
export interface Term {
  readonly tid: number;
  readonly uuid: string;
  readonly vocabulary: string;
  readonly name: string;
  readonly published: boolean;
  readonly revision: number;
  readonly changed: number;
}

/** The terms of a site. */
export interface Taxonomy {
  readonly vocabularies: readonly Vocabulary[];
  /** In the order of their numbers. */
  inOrder(vocabulary: string): readonly Term[];
  byTid(tid: number): Term | undefined;
  /** Exact: references look UUIDs up in the case they are stored in (contract/drupal-fields 046). */
  byUuid(uuid: string): Term | undefined;
  put(term: Term): void;
  remove(tid: number): void;
}

/** A taxonomy with these vocabularies. */
export function createTaxonomy(
  vocabularies: readonly Vocabulary[],
  terms: readonly Term[],
): Taxonomy {
  const byTid = new Map(terms.map((term) => [term.tid, term]));
  return {
    vocabularies,
    inOrder: (vocabulary) =>
      [...byTid.values()]
        .filter((term) => term.vocabulary === vocabulary)
        .sort((left, right) => left.tid - right.tid),
    byTid: (tid) => byTid.get(tid),
    byUuid: (uuid) => [...byTid.values()].find((term) => term.uuid === uuid),
    put(term) {
      byTid.set(term.tid, term);
    },
    remove(tid) {
      byTid.delete(tid);
    },
  };
}
