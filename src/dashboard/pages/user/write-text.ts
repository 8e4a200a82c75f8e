// A write of a plan in words: what would be done, what was, or what was not.
import type { Explanation } from "../../ask/contract.ts";
import { counted, systemName } from "../../parts/words.ts";

/** A write of the last of the five steps. */
export type Write = Explanation["export"]["steps"][number];

const VERBS: Readonly<Record<Write["operation"], readonly [subject: string, participle: string]>> =
  {
    create: ["A new account", "made"],
    update: ["", "written"],
    disable: ["The account", "disabled"],
    enable: ["The account", "enabled"],
    delete: ["The account", "deleted"],
    restore: ["The deleted account", "restored"],
    link: ["The two accounts", "joined"],
    unlink: ["The two accounts", "taken apart"],
    assign: ["", "given"],
    remove: ["", "taken away"],
  };

const rolesOf = ({ changes }: Write): string =>
  changes.map(({ before, after }) => String(after ?? before)).join(", ");

/** Such as "2 attributes would be written in Drupal". `failed`: it was tried, and is not there. */
export function writeText(write: Write, how: "planned" | "done" | "failed"): string {
  const { operation, system, resource, changes } = write;
  const [subject, participle] = VERBS[operation];
  const isMany = operation === "update" ? changes.length !== 1 : subject.endsWith("accounts");
  const who =
    operation === "update"
      ? counted(changes.length, "attribute")
      : resource === "role"
        ? `The role ${rolesOf(write)}`
        : subject;
  const was = `${isMany ? "were" : "was"}${how === "failed" ? " not" : ""}`;
  const verb = how === "planned" ? "would be" : was;
  const where = operation === "link" || operation === "unlink" ? "" : ` in ${systemName(system)}`;
  return `${who} ${verb} ${participle}${where}`;
}
