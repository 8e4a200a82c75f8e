// The people of a history: who there is on each side, and what they edit, block and delete.
import { aConfiguration, aDrupalUser, anEntraUser, DOMAIN } from "../doubles/world.ts";
import type { Stage } from "./stage.ts";

// The two-way rows of the default configuration, by their names on each side.
const SHARED = [
  ["field_department", "department"],
  ["field_last_name", "surname"],
  ["field_first_name", "givenName"],
] as const;

/** Rows of every kind, each with an authority by chance; `others` are further parts of the configuration. */
export function configure({ world, chance }: Stage, others: Record<string, unknown> = {}): void {
  const authority = () => chance.pick(["drupal", "entra", "newest", "manual"] as const);
  world.configuration = aConfiguration({
    ...others,
    attributes: [
      ...SHARED.slice(0, 2).map(([drupal, entra]) => ({
        kind: "direct",
        drupal,
        entra,
        flow: "both",
        authority: authority(),
      })),
      { kind: "direct", drupal: "field_first_name", entra: "givenName", flow: "drupalToEntra" },
      { kind: "direct", drupal: "field_title", entra: "jobTitle", flow: "entraToDrupal" },
      { kind: "direct", drupal: "mail", entra: "mail", flow: "both" },
      {
        kind: "expression",
        entra: "displayName",
        expression: 'join([drupal.field_first_name, drupal.field_last_name], " ")',
      },
    ],
  });
}

/** The people, some known to one side only, some to both. */
export function populate(stage: Stage, users: number): void {
  const { world, chance } = stage;
  for (let index = 0; index < users; index += 1) {
    const name = `user${index}`;
    const where = chance.pick(["drupal", "entra", "both"] as const);
    const mail = `${name}@${DOMAIN}`;
    if (where !== "entra") {
      const field_department = stage.value("d");
      const attributes = { field_department, field_title: null };
      const user = aDrupalUser({ name, mail, attributes });
      world.drupal.set(user.uuid, user);
    }
    if (where !== "drupal") {
      const attributes = {
        mail,
        department: stage.value("e"),
        surname: "Entra",
        jobTitle: null,
        givenName: null,
        displayName: name,
      };
      const account = anEntraUser({ userPrincipalName: mail, attributes });
      world.entra.set(account.objectId, account);
    }
  }
}

/** One of the accounts of a side, or null where there is none. */
export function anyoneOf({ world, chance }: Stage, side: "drupal" | "entra"): string | null {
  const [first, ...others] = side === "drupal" ? world.drupal.keys() : world.entra.keys();
  return first === undefined ? null : chance.pick([first, ...others]);
}

function switchAccount(stage: Stage, side: "drupal" | "entra", id: string, lost: number): void {
  const { world, chance } = stage;
  const enabled = chance.happens(0.5);
  if (!enabled) stage.blocked(id);
  if (side === "drupal") {
    world.editDrupal(id, { enabled, changedAt: new Date(world.now).toISOString() });
    void stage.announce(id, "updated", true);
  } else {
    world.editEntra(id, { enabled });
    if (lost === 0 || !chance.happens(lost)) stage.nominate(id, "notification");
  }
  stage.say(`person ${side} ${enabled ? "enables" : "blocks"} ${id.slice(-4)}`);
}

/** How often no notification comes of an edit in Entra, and of a block there. */
export interface LostNotifications {
  readonly edits: number;
  readonly blocks: number;
}

/** One person saves one value, having seen the one before it, or blocks or lets in an account. */
export function edit(stage: Stage, lost: LostNotifications = { edits: 0.3, blocks: 0 }): void {
  const { world, chance } = stage;
  const side = chance.pick(["drupal", "entra"] as const);
  const [drupalName, entraName] = chance.pick([...SHARED] as [
    (typeof SHARED)[number],
    ...(typeof SHARED)[number][],
  ]);
  const id = anyoneOf(stage, side);
  if (id === null) return;
  if (chance.happens(0.1)) {
    switchAccount(stage, side, id, lost.blocks);
    return;
  }
  const value = stage.value(side === "drupal" ? "D" : "E");
  if (side === "drupal") {
    stage.parents.set(value, world.drupal.get(id)?.attributes[drupalName] ?? null);
    const changedAt = new Date(Math.floor(world.now / 1000) * 1000).toISOString();
    world.editDrupal(id, { changedAt, attributes: { [drupalName]: value } });
    void stage.announce(id, "updated", true);
  } else {
    const name = chance.happens(0.2) ? "jobTitle" : entraName;
    stage.parents.set(value, world.entra.get(id)?.attributes[name] ?? null);
    world.editEntra(id, { attributes: { [name]: value } });
    if (!chance.happens(lost.edits)) stage.nominate(id, "notification");
  }
  stage.say(`person ${side} ${id.slice(-4)} ${drupalName}|${entraName} := ${value}`);
}
