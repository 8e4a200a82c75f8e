// The whole product before a real Drupal, and a front between the module and the app, for the tests of one file.
import { afterAll, beforeAll, beforeEach } from "vitest";
import { eventually, type Stack, startStack } from "../e2e/stack.ts";
import { type AppFront, startAppFront, WEBHOOK } from "./app-front.ts";
import type { RealSite } from "./real-site.ts";

/** Starts all of it before the first test; before each, the app is there and nothing waits. */
export function withSite(settings: Readonly<Record<string, string>> = {}) {
  let stack: Stack;
  let app: AppFront;
  // Only a run against a real site has this folder's tests.
  const site = () => stack.drupal as RealSite;
  beforeAll(async () => {
    stack = await startStack({ people: 12, settings });
    app = await startAppFront(() => stack.host.url);
  });
  beforeEach(async () => {
    app.letGo();
    await eventually("the app is not being told", async () => app.open === 0);
    app.forget();
    await site().tell({ url: `${app.url}${WEBHOOK}` });
    await drained();
    app.forget();
  });
  afterAll(async () => {
    await app?.close();
    await stack?.close();
  });
  const drained = async () => {
    await site().call("cron");
    await eventually(
      "nothing waits",
      async () => (await site().outbox()).length === 0,
      60_000,
      300,
    );
  };
  return {
    get stack() {
      return stack;
    },
    get site() {
      return site();
    },
    get app() {
      return app;
    },
    /** Runs cron, and waits until the outbox is empty. */
    drained,
    /** The UUIDs of the people, by uid. */
    uuids: async () => (await site().people()).map(({ uuid }) => uuid),
  };
}
