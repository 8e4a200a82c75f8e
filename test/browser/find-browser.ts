// Which browser the tests drive: one that is on the machine. There may be none: then they are skipped, and say so.
import { accessSync, constants } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const isThere = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The browser's program, or null. */
export const BROWSER: string | null =
  PLACES.find((path): path is string => path !== undefined && isThere(path)) ?? null;

if (BROWSER === null)
  console.warn(
    "SKIPPED: the tests in a browser. No Chromium was found: install one, or name it in CHROMIUM_PATH.",
  );

/** Opens the browser. */
export function launch(): Promise<Browser> {
  if (BROWSER === null) throw new Error("no browser: the caller should have skipped");
  return chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
}
