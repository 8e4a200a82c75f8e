// A person at the dashboard: a browser window that tells what went wrong in it, and what its policy refused.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PICTURES = resolve(import.meta.dirname, "../../test-artifacts/dashboard");

/** How wide the window is, and which colours its person prefers. */
export interface Look {
  readonly width: number;
  readonly colorScheme: "light" | "dark";
}

/** As on a desk, and as on a small telephone at night. */
export const LOOKS: readonly Look[] = [
  { width: 1280, colorScheme: "light" },
  { width: 1280, colorScheme: "dark" },
  { width: 360, colorScheme: "light" },
  { width: 360, colorScheme: "dark" },
];

declare global {
  interface Window {
    refusals: string[];
    axe: { run(): Promise<AxeResults> };
  }
}

/** A window at the dashboard of a host. */
export async function openPage(
  browser: Browser,
  hostUrl: string,
  look: Look = { width: 1280, colorScheme: "light" },
) {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.colorScheme,
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("dialog", (dialog) => {
    troubles.push(`a script opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // A refusal of the app is shown on the page; the browser tells of it as well.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      troubles.push(message.text());
  });
  await page.addInitScript(() => {
    window.refusals = [];
    addEventListener("securitypolicyviolation", (event) =>
      window.refusals.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return {
    page,
    /** Goes to a place of the dashboard and waits until it has what it asked for. */
    goTo: async (path: string) => {
      await page.goto(`${hostUrl}/api/dashboard${path === "/" ? "" : path}`);
      await page.locator("h1").first().waitFor();
      await settled(page);
    },
    settled: () => settled(page),
    /** What went wrong in the window so far, and what the page's policy refused. */
    troubles: async () => [...troubles, ...(await page.evaluate(() => window.refusals))],
    /** What axe finds: each rule with the first place. */
    axe: async () => {
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run());
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    },
    /** How far the page is wider than its window, in pixels. */
    overflow: () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
    /** Keeps a picture for whoever looks at the run afterwards. */
    picture: async (name: string) => {
      mkdirSync(PICTURES, { recursive: true });
      const file = `${name}-${look.width}-${look.colorScheme}.png`;
      await page.screenshot({ path: join(PICTURES, file), fullPage: true });
    },
    close: () => context.close(),
  };
}

async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelectorAll("main .loading").length === 0);
}

/** A person at the dashboard. */
export type OpenPage = Awaited<ReturnType<typeof openPage>>;
