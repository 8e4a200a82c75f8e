// The whole product and a browser before it, for the tests of one block: started before the first, ended after the last.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type Stack, startStack } from "../e2e/stack.ts";
import { launch } from "./find-browser.ts";
import { type Look, openPage } from "./open-page.ts";
import { joinEveryone } from "./stories.ts";

/** So many people on each side, joined; `prepare` makes what the tests find beside. */
export function withDashboard(people: number, prepare?: (stack: Stack) => Promise<void>) {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => {
    stack = await startStack({ people, graphPeople: people });
    browser = await launch();
    await joinEveryone(stack);
    await prepare?.(stack);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });
  return {
    get stack(): Stack {
      return stack;
    },
    /** A window of its own. */
    open: (look?: Look) => openPage(browser, stack.host.url, look),
  };
}
