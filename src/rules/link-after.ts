// What accepted writes make of a link, beside what the next look learns.
import type { BasePair, Link, PendingExport } from "./link.ts";

/** The base that an account which was made under one of several announcements starts with: for each row the announced value
 * that the account holds, or else the first, which most likely made it and was edited since. */
export function baseOfCreated(
  { base, former, system }: Pick<PendingExport, "base" | "former" | "system">,
  printOf: (key: string) => string | null,
): Record<string, BasePair> {
  const announced = [...former, base];
  const keys = new Set(announced.flatMap((one) => Object.keys(one)));
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const pairs = announced.flatMap((one) => one[key] ?? []);
      const held = printOf(key);
      const chosen = pairs.find((pair) => pair[system] === held) ?? pairs[0];
      return chosen === undefined ? [] : [[key, chosen] as const];
    }),
  );
}

/** What an accepted write makes of the link, beside bases. `name` is the role of a role's write. */
export function linkAfter(
  link: Link,
  done: Pick<PendingExport, "operation" | "system" | "name">,
  now: Date,
): Link {
  const { system, name } = done;
  const at = now.toISOString();
  switch (done.operation) {
    case "disable":
      return { ...link, blocks: { ...link.blocks, [system]: "ours" } };
    case "enable":
      return { ...link, blocks: { ...link.blocks, [system]: "none" } };
    case "create":
      return {
        ...link,
        linkedAt: at,
        madeByUs: { ...link.madeByUs, [system]: true },
        deletedByUs: { ...link.deletedByUs, [system]: null },
      };
    case "delete":
      return { ...link, deleteDue: null, deletedByUs: { ...link.deletedByUs, [system]: at } };
    case "restore":
      return { ...link, restoredAt: at, deletedByUs: { ...link.deletedByUs, [system]: null } };
    case "assign":
      return { ...link, grantedRoles: [...new Set([...link.grantedRoles, name ?? ""])] };
    case "remove":
      return { ...link, grantedRoles: link.grantedRoles.filter((role) => role !== name) };
    default:
      return link;
  }
}
