// A time limit that holds: whatever becomes of the work, its caller hears of it in time.

/** What work is given up with; the name is that of `AbortSignal.timeout`. */
const tooLate = () => new DOMException("no answer in time", "TimeoutError");

/**
 * Does work that is given up after a time, with a DOMException `TimeoutError`. The timer is held, and does not only ask for the
 * end: fetch follows a signal by weak references, and a signal of `AbortSignal.timeout` that is collected meanwhile never fires
 * (seen as handlers that waited for ever; nodejs/undici#4068 is of the kind).
 */
export async function withinTime<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = tooLate();
      controller.abort(reason);
      reject(reason);
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(controller.signal), limit]);
  } finally {
    clearTimeout(timer);
  }
}
