// npm run test:drupal: the end-to-end tests that know no simulator, and the module's own, against a real Drupal.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** Of test/e2e: what is said of both sites. The others look into the simulator, or break its answers. */
const SHARED = [
  "drupal-to-entra",
  "both-ways",
  "cycles",
  "cycle-absence",
  "cycle-crashes",
  "cycle-reports",
  "escrow",
  "console",
  "photos",
];

export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: {
    include: ["test/drupal/*.test.ts", ...SHARED.map((name) => `test/e2e/${name}.test.ts`)],
    env: { REAL_DRUPAL: process.env.DRUPAL_DOCROOT ?? "" },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // One site.
    fileParallelism: false,
  },
});
