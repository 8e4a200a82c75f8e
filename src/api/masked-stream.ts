// A streamed answer whose failure tells nobody's name: it breaks off after the hooks of the app, which mask what handlers throw.
import { ReadableStream } from "node:stream/web";
import { withoutSecrets } from "../rules/mask.ts";

/** The stream; `report` hears of its failure, and the host gets it masked. */
export function maskedStream<T>(
  stream: ReadableStream<T>,
  report: (error: unknown) => void,
): ReadableStream<T> {
  const reader = stream.getReader();
  return new ReadableStream<T>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          report(error);
          controller.error(withoutSecrets(error));
        }
      },
      cancel: (why) => reader.cancel(why),
    },
    { highWaterMark: 0 },
  );
}
