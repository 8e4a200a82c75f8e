// Several requests at once, but never more than some.

/** Does the work for each item, `limit` at a time. After a failure no other item is begun. */
export async function eachAtOnce<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = (async function* () {
    yield* items;
  })();
  // A generator answers one after the other, however many ask.
  const worker = async () => {
    try {
      for await (const item of queue) await work(item);
    } finally {
      await queue.return();
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

/** What the work answers for each item, in their order, `limit` at a time. */
export async function mapAtOnce<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  await eachAtOnce(items.entries(), limit, async ([index, item]) => {
    results[index] = await work(item);
  });
  return results;
}
