// The Drupal module where there is no Drupal: every file parses, its unit tests pass, its style is Drupal's where that can be told.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HAS, MODULE, runIn } from "./php.ts";

const files = readdirSync(MODULE, { recursive: true, encoding: "utf8" }).filter((path) =>
  /\.(php|module|install)$/.test(path),
);

describe.skipIf(!HAS.php)("every PHP file of the module", () => {
  it.each(files)("%s parses", (path) => {
    expect(runIn("php", ["-l", path])).toMatchObject({
      status: 0,
      output: expect.stringContaining("No syntax errors"),
    });
  });

  it("declares strict types, but for those that Drupal loads by name", () => {
    const loose = files.filter(
      (path) =>
        path.endsWith(".php") &&
        runIn("grep", ["-q", "declare(strict_types=1);", path])?.status !== 0,
    );
    expect(loose).toEqual([]);
  });
});

describe.skipIf(!HAS.phpunit)("the module's unit tests", () => {
  it("pass, all of them", () => {
    const bootstrap = join(import.meta.dirname, "phpunit-bootstrap.php");
    const result = runIn("phpunit", [
      "--no-configuration",
      "--do-not-cache-result",
      "--fail-on-warning",
      "--fail-on-risky",
      // Those need what comes with Drupal: they run there.
      "--exclude-group",
      "entra_user_sync_with_core",
      "--bootstrap",
      bootstrap,
      "tests/src/Unit",
    ]);
    expect(result?.output).toMatch(/OK \(\d+ tests, \d+ assertions\)/);
    const [, ran] = /OK \((\d+) tests/.exec(result?.output ?? "") ?? [];
    expect(Number(ran)).toBeGreaterThanOrEqual(30);
    expect(result?.status).toBe(0);
  });
});

// Drupal's standard comes with drupal/coder, which is not everywhere to be had.
const standards = runIn("phpcs", ["-i"])?.output ?? "";
const hasStandard = /\bDrupal\b/.test(standards) && /\bDrupalPractice\b/.test(standards);
if (!hasStandard)
  console.warn(
    "SKIPPED: the coding standard of the Drupal module. No phpcs with Drupal's standard.",
  );

describe.skipIf(!hasStandard)("the module's style", () => {
  it("is Drupal's", () => {
    const standard = "--standard=Drupal,DrupalPractice";
    const result = runIn("phpcs", [standard, "--extensions=php,module,install,yml", "-q", "."]);
    expect(result).toMatchObject({ status: 0 });
  });
});
