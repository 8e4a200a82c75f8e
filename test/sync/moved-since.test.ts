// What the explanation of a user says of each row: which side has moved since both last agreed.
import { describe, expect, it } from "vitest";
import { explainUser } from "../../src/sync/explain-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { aConfiguration, aDrupalUser, World } from "../doubles/world.ts";

const ROWS = [
  { kind: "direct", drupal: "field_department", entra: "department", flow: "both" },
  { kind: "direct", drupal: "field_last_name", entra: "surname", flow: "drupalToEntra" },
];

async function movedOf(world: World, uuid: string) {
  const explained = await explainUser(world.request(uuid, { cause: "cycle" }), world.worker());
  if (explained.kind !== "explained") throw new Error(explained.reason.code);
  const { attributes } = explained.explanation.processing;
  return Object.fromEntries(attributes.map(({ entra, moved }) => [entra, moved]));
}

describe("a row of a linked user", () => {
  it("says whose value is not the agreed one any more, also where the flow is one-way", async () => {
    const { world, user, objectId } = await worldWithLinkedUser(
      aConfiguration({ attributes: ROWS }),
    );
    world.now += 3_600_000;
    const moved = () => movedOf(world, user.uuid);
    expect(await moved()).toEqual({ department: "neither", surname: "neither" });
    world.editDrupal(user.uuid, { attributes: { field_department: "Engines" } });
    expect(await moved()).toEqual({ department: "drupal", surname: "neither" });
    world.editEntra(objectId, { attributes: { department: "Sales", surname: "Byron" } });
    expect(await moved()).toEqual({ department: "both", surname: "entra" });
    world.editDrupal(user.uuid, { attributes: { field_department: "R&D" } });
    expect(await moved()).toEqual({ department: "entra", surname: "entra" });
  });

  it("has never been agreed on where it was added later, and cannot be told where it is not shown", async () => {
    const { world, user } = await worldWithLinkedUser(aConfiguration({ attributes: ROWS }));
    const title = { kind: "direct", drupal: "field_title", entra: "jobTitle", flow: "both" };
    world.configuration = aConfiguration({ attributes: [...ROWS, title] });
    world.editDrupal(user.uuid, { attributes: { field_title: "Countess" } });
    expect(await movedOf(world, user.uuid)).toMatchObject({ jobTitle: "neverAgreed" });
    const { field_department: _, ...shown } = world.drupal.get(user.uuid)?.attributes ?? {};
    const known = world.drupal.get(user.uuid);
    if (known !== undefined) world.drupal.set(user.uuid, { ...known, attributes: shown });
    expect(await movedOf(world, user.uuid)).toMatchObject({ department: "unknown" });
  });
});

describe("a row of a user who has one account", () => {
  it("has never been agreed on", async () => {
    const world = new World();
    world.configuration = aConfiguration({ attributes: ROWS });
    const user = aDrupalUser();
    world.drupal.set(user.uuid, user);
    expect(await movedOf(world, user.uuid)).toEqual({
      department: "neverAgreed",
      surname: "neverAgreed",
    });
  });
});
