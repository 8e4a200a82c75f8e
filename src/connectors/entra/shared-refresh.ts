// One refresh for all who wait for it: at most once in a while, or right now for those who need that.

/**
 * A way to have `work` done. Without `isFresh` a refresh of at most `lastsMs` ago will do, or one under way; with it the
 * refresh begins after the call. One runs at a time, and all who wait meanwhile share the next.
 */
export function createSharedRefresh(
  work: () => Promise<void>,
  now: () => Date,
  lastsMs: number,
): (isFresh: boolean) => Promise<void> {
  let doneAt: number | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const start = (): Promise<void> => {
    const startedAt = now().getTime();
    running = work()
      .then(() => {
        doneAt = startedAt;
      })
      .finally(() => {
        running = null;
      });
    return running;
  };

  return (isFresh) => {
    if (!isFresh) {
      const isRecent = doneAt !== null && now().getTime() - doneAt < lastsMs;
      return isRecent ? Promise.resolve() : (running ?? start());
    }
    if (running === null) return start();
    const before: Promise<void> = running;
    next ??= before
      .catch(() => {}) // its own callers hear of it
      .then(() => {
        next = null;
        // Someone may have started one in between: it is fresh enough for all who waited.
        return running ?? start();
      });
    return next;
  };
}
