// A read is as old as its request, however long the answer takes: a process may be stopped in between.
import { describe, expect, it } from "vitest";
import { provisionUser } from "../../src/sync/provision-user.ts";
import { worldWithLinkedUser } from "../doubles/linked-user.ts";
import { drain } from "../doubles/looks.ts";
import { aConfiguration } from "../doubles/world.ts";

describe("a read of Entra whose answer takes long", () => {
  it("is believed no more than when it was sent: a value from between is not news", async () => {
    const { world, user, objectId } = await worldWithLinkedUser();
    const department = () => world.drupal.get(user.uuid)?.attributes.field_department;
    const request = () => world.request(user.uuid);
    world.now += 3_600_000;
    world.editEntra(objectId, { attributes: { department: "between" } });
    world.now += 1000;
    world.editEntra(objectId, { attributes: { department: "latest" } });
    world.now += 1000;
    await provisionUser(request(), world.worker());
    expect(department()).toBe("latest");

    world.now += 4000;
    // Of the two edits, the read shows the first.
    world.replicationMs = 5500;
    const slow = async (call: string, phase: "before" | "after") => {
      if (call === "entra.getUser" && phase === "after") world.now += 12_000;
    };
    await provisionUser(request(), world.worker(undefined, slow));
    expect(department()).toBe("latest");
  });
});

describe("an edit in Entra of a moment ago", () => {
  it("is not written over by Drupal's before it is known for what it is: then both have changed, and a person decides", async () => {
    const department = { kind: "direct", drupal: "field_department", entra: "department" };
    const row = { ...department, flow: "both", authority: "manual" };
    const { world, user, objectId, entraUser } = await worldWithLinkedUser(
      aConfiguration({ attributes: [row] }),
    );
    world.now += 3_600_000;
    world.editEntra(objectId, { attributes: { department: "First" } });
    await provisionUser(world.request(user.uuid), world.worker());
    world.now += 5000;
    world.editEntra(objectId, { attributes: { department: "There" } });
    world.editDrupal(user.uuid, { attributes: { field_department: "Here" } });
    await provisionUser(world.request(user.uuid), world.worker());
    expect(entraUser()?.attributes.department).toBe("There");
    await drain(world);
    expect(entraUser()?.attributes.department).toBe("There");
    expect(Object.keys(world.links.get(user.uuid)?.link.conflicts ?? {})).toEqual([
      "field_department<>department",
    ]);
  });
});
