// A change of the configuration: only of what the admin saw, only when valid, recorded once, and honest when half of it fails.
import { describe, expect, it } from "vitest";
import type { AuditEntry, AuditValues } from "../../src/rules/audit-entry.ts";
import { ConcurrencyError, TransientError } from "../../src/rules/errors.ts";
import {
  type ChangeConfigurationPorts,
  changeConfiguration,
} from "../../src/sync/change-configuration.ts";
import type { Precondition } from "../../src/sync/precondition.ts";

const AT = "2026-11-24T08:00:00.000Z";

/** A store of one document; `calls` tells in which order things were done. */
function site(saved: unknown = undefined, auditValues: AuditValues = "plain") {
  const calls: string[] = [];
  const rows: AuditEntry[] = [];
  const state: { document: unknown; etag: string | null } = {
    document: saved ?? {},
    etag: saved === undefined ? null : '"1"',
  };
  const faults: { save?: Error; append?: Error } = {};
  const ports: ChangeConfigurationPorts = {
    now: () => new Date(AT),
    newId: () => `id-${rows.length}`,
    auditValues,
    configuration: {
      read: async () => ({ ...state }),
      save: async (document, ifMatch, note) => {
        calls.push(`save over ${ifMatch} by ${note.actor} at ${note.at.toISOString()}`);
        if (faults.save !== undefined) throw faults.save;
        Object.assign(state, { document, etag: '"2"' });
        return { etag: '"2"', version: "v2" };
      },
    },
    audit: {
      append: async (entry) => {
        calls.push("append");
        if (faults.append !== undefined) throw faults.append;
        rows.push(entry);
      },
    },
  };
  const change = (document: unknown, precondition: Precondition) =>
    changeConfiguration({ document, precondition, actor: "grace" }, ports);
  return { change, calls, rows, state, faults };
}

describe("a change of the configuration", () => {
  it("is saved over the version that was seen, then recorded", async () => {
    const { change, calls, rows } = site({ guests: false });
    expect(await change({ guests: true }, ['"0"', '"1"'])).toEqual({ kind: "saved", etag: '"2"' });
    expect(calls).toEqual([`save over "1" by grace at ${AT}`, "append"]);
    expect(rows).toEqual([
      {
        id: "id-0",
        at: AT,
        operation: "update",
        resourceType: "configuration",
        status: "success",
        cause: "onDemand",
        actor: "grace",
        changes: [
          { attribute: "guests", before: "false", after: "true", why: "configurationChanged" },
        ],
        reason: { code: "configurationSaved", message: "saved as version v2" },
        durationMs: 0,
      },
    ]);
  });

  it("is a create the first time, also of an empty document", async () => {
    const { change, calls, rows } = site();
    expect(await change({}, "absent")).toEqual({ kind: "saved", etag: '"2"' });
    expect(calls[0]).toMatch(/^save over null/);
    expect(rows).toMatchObject([{ operation: "create", changes: [] }]);
  });

  const unmet: readonly (readonly [string, unknown, Precondition])[] = [
    ["someone saved one since", { guests: false }, "absent"],
    ["someone saved another since", { guests: false }, ['"0"']],
    ["nobody saved one yet", undefined, ['"1"']],
    ["there is none to replace", undefined, "any"],
    ["no version is named", { guests: false }, []],
  ];
  it.each(unmet)("is refused when %s", async (_what, saved, precondition) => {
    const { change, calls } = site(saved);
    expect(await change({ guests: true }, precondition)).toEqual({ kind: "moved" });
    expect(calls).toEqual([]);
  });

  it("is refused without a row when someone saves between look and save", async () => {
    const { change, rows, faults } = site({ guests: false });
    faults.save = new ConcurrencyError("moved", { system: "storage", code: "configurationMoved" });
    expect(await change({ guests: true }, "any")).toEqual({ kind: "moved" });
    expect(rows).toEqual([]);
  });

  it("is refused with every fault, whatever was seen", async () => {
    const { change, calls } = site({ guests: false });
    expect(await change({ gests: true, guests: 1 }, ['"0"'])).toMatchObject({
      kind: "invalid",
      faults: [{ pointer: "/guests" }, { pointer: "/gests" }],
    });
    expect(calls).toEqual([]);
  });

  it("replaces any version where the admin says so, and still says which one it was", async () => {
    const { change, calls } = site({ guests: false });
    expect(await change({}, "any")).toMatchObject({ kind: "saved" });
    expect(calls[0]).toMatch(/^save over "1"/);
  });

  it("makes no version and no row where nothing changes, even when it is asked for again", async () => {
    const { change, calls } = site({ guests: true, directions: {} });
    const saved = { kind: "saved", etag: '"1"' };
    expect(await change({ directions: {}, guests: true }, ['"1"'])).toEqual(saved);
    expect(await change({ directions: {}, guests: true }, ['"lost answer"'])).toEqual(saved);
    expect(calls).toEqual([]);
  });

  it("can mend what is saved and not valid", async () => {
    const { change } = site("{ guests");
    expect(await change({}, ['"1"'])).toMatchObject({ kind: "saved" });
  });

  it("keeps values out of the audit log where the setting says so", async () => {
    const { change, rows } = site({ protected: { drupalNames: ["ada"] } }, "none");
    await change({ protected: { drupalNames: ["bob"] } }, "any");
    expect(rows[0]?.changes).toMatchObject([
      { attribute: "protected.drupalNames.0", before: null },
    ]);
  });

  it("stands when the audit log cannot be written, and says both", async () => {
    const { change, state, faults } = site({ guests: false });
    faults.append = new TransientError("away", { system: "storage", code: "storageUnavailable" });
    await expect(change({ guests: true }, ['"1"'])).rejects.toMatchObject({
      code: "savedWithoutAudit",
      message: expect.stringContaining("was saved as version v2"),
    });
    expect(state.document).toEqual({ guests: true });
  });

  it("fails as the store fails, without a row", async () => {
    const { change, rows, faults } = site({ guests: false });
    faults.save = new TransientError("away", { system: "storage", code: "storageUnavailable" });
    await expect(change({ guests: true }, "any")).rejects.toMatchObject({
      code: "storageUnavailable",
    });
    expect(rows).toEqual([]);
  });
});
