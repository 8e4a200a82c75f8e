// Once per process: request bodies arrive as streams, and faulty app settings stop the start with one message.
import { app } from "@azure/functions";
import { currentApp } from "../src/composition-root.ts";

// Without streams the host hands a chunked body over as an empty one (azure-functions-nodejs-library#171).
app.setup({ enableHttpStream: true });

app.hook.appStart(() => {
  currentApp();
});
