// A streamed answer whose failure tells nobody's name: it breaks off after the hooks of the app, which mask what handlers throw.
import { ReadableStream } from "node:stream/web";
import { withoutSecrets } from "../rules/mask.ts";

/** The stream; `report` hears of its failure, and the host gets it masked. */
export function maskedStream<T>(
  stream: ReadableStream<T>,
  report: (error: unknown) => void,
): ReadableStream<T> {
  const reader = stream.getReader();
  let isLeft = false;
  return new ReadableStream<T>(
    {
      pull: async (controller) => {
        const next = await reader.read().catch((error: unknown) => ({ error }));
        // Whoever leaves while a row is being read closes the stream themselves.
        if (isLeft) return;
        if ("error" in next) {
          report(next.error);
          controller.error(withoutSecrets(next.error));
        } else if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: (why) => {
        isLeft = true;
        return reader.cancel(why);
      },
    },
    { highWaterMark: 0 },
  );
}
