// Once per process: request bodies arrive as streams, faulty app settings stop the start with one message, and what a handler
// throws is told without people and secrets.
import { app } from "@azure/functions";
import { duringInvocation } from "../src/composition/invocation.ts";
import { currentApp } from "../src/composition-root.ts";
import { logLine } from "../src/rules/log-line.ts";
import { withoutSecrets } from "../src/rules/mask.ts";

// Without streams the host hands a chunked body over as an empty one (azure-functions-nodejs-library#171).
app.setup({ enableHttpStream: true });

app.hook.appStart(() => {
  currentApp();
});

// What is deep inside, as Graph's meter, can then put a line into the log of its invocation.
app.hook.preInvocation((hook) => {
  const { functionHandler: handle, invocationContext } = hook;
  hook.functionHandler = (input, context) =>
    duringInvocation(invocationContext, () => handle(input, context));
});

// The host logs the message and the stack of what is thrown: it gets an error that was masked.
app.hook.postInvocation((hook) => {
  const { error, invocationContext } = hook;
  if (error === null || error === undefined) return;
  const { functionName } = invocationContext;
  invocationContext.error(logLine({ event: "function.failed", function: functionName, error }));
  hook.error = withoutSecrets(error);
});

// Only a process that ends gracefully gets here (azure-functions-nodejs-worker, terminateWorker): counts of the last seconds.
app.hook.appTerminate(async () => {
  await currentApp()
    .metrics.flush()
    .catch(() => undefined);
});
