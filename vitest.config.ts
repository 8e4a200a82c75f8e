import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // These need a real Drupal: npm run test:drupal.
    exclude: ["test/drupal/**", "**/node_modules/**"],
    env: { REAL_DRUPAL: "" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: each file that starts child processes wants one for itself.
    maxWorkers: 2,
  },
});
