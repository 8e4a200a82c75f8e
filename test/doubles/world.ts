// An in-memory Drupal, Entra and storage with a clock of its own; each worker can be made to fail or die at any call.
import type { AuditEntry, AuditValues } from "../../src/rules/audit-entry.ts";
import { parseSyncConfiguration, type SyncConfiguration } from "../../src/rules/configuration.ts";
import { AlreadyExistsError, ConcurrencyError, NotFoundError } from "../../src/rules/errors.ts";
import type { EscrowEntry, EscrowFilter } from "../../src/rules/escrow.ts";
import type { Link } from "../../src/rules/link.ts";
import type { ProvisionRequest } from "../../src/rules/provision-request.ts";
import type { Attributes, AttributeValue, DrupalUser, EntraUser } from "../../src/rules/users.ts";
import { folded } from "../../src/rules/values.ts";
import type { EscrowListing, NewEntraUser, ProvisionPorts } from "../../src/sync/ports.ts";

export const SERVICE_UUID = "0d18ed78-4241-4ace-8dc6-bab9e7e96006";
export const DOMAIN = "contoso.example";
export const MARKER = "onPremisesExtensionAttributes.extensionAttribute15";

/** Thrown by a gate to stand for SIGKILL: the worker's later calls have no effect either. */
export class Killed extends Error {}

/** Asked before (`before`) and after (`after`) each outside call of a worker; throwing makes the call fail there. */
export type Gate = (call: string, phase: "before" | "after") => void;

/** Awaited before and after each outside call: a simulation decides when it goes on. */
export type Pace = (call: string, phase: "before" | "after") => Promise<void>;

/** Makes an outside call by its name. */
export type Call = <T>(name: string, work: () => T) => Promise<T>;

/** One value that the sync wrote over another. */
export interface ObservedWrite {
  readonly system: "drupal" | "entra";
  readonly id: string;
  readonly attribute: string;
  readonly before: AttributeValue;
  readonly after: AttributeValue;
}

export interface QueuedRequest {
  readonly request: ProvisionRequest;
  readonly visibleAt: number;
}

export function aConfiguration(document: unknown = {}): SyncConfiguration {
  const parsed = parseSyncConfiguration(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.configuration;
}

let counter = 0;
/** Ids in order, so that failures read alike on each run. */
export const anId = (): string => {
  counter += 1;
  return `00000000-0000-4000-8000-${String(counter).padStart(12, "0")}`;
};

/** Counts ids from the start again: a history that is played again has the same ones, and so the same order on its pages. */
export function countIdsAgain(): void {
  counter = 0;
}

export function aDrupalUser(
  changes: Partial<Omit<DrupalUser, "attributes">> & { attributes?: Attributes } = {},
): DrupalUser {
  const name = changes.name ?? "ada.lovelace";
  const mail = changes.mail === undefined ? `${name}@${DOMAIN}` : changes.mail;
  const own = { field_first_name: "Ada", field_last_name: "Lovelace", field_department: "R&D" };
  return {
    uuid: anId(),
    uid: 15,
    enabled: true,
    isMailProven: true,
    roles: [],
    changedAt: "2026-11-24T08:00:00+00:00",
    ...changes,
    name,
    mail,
    attributes: { ...own, ...changes.attributes, name, mail },
  };
}

export function anEntraUser(changes: Partial<EntraUser> = {}): EntraUser {
  return {
    objectId: anId(),
    userPrincipalName: `ada.lovelace@${DOMAIN}`,
    enabled: true,
    userType: "Member",
    onPremisesSynced: false,
    attributes: {},
    ...changes,
  };
}

/** The ports of a worker, and what lists escrow. */
export type WorkerPorts = ProvisionPorts & { readonly escrow: EscrowListing };

export class World {
  now = Date.parse("2026-11-24T08:00:00Z");
  random = (): number => 0.5;
  configuration = aConfiguration();
  readonly drupal = new Map<string, DrupalUser>();
  readonly entra = new Map<string, EntraUser>();
  readonly deletedEntra = new Map<string, EntraUser>();
  readonly links = new Map<string, { link: Link; version: string }>();
  readonly holders = new Map<string, string>();
  readonly auditRows = new Map<string, AuditEntry>();
  readonly escrow = new Map<string, EscrowEntry>();
  /** Entra ids of accounts with admin roles. */
  readonly privileged = new Set<string>();
  /** For how long reads of Entra show what was there before a write, and miss what was made, in milliseconds. */
  replicationMs = 0;
  /** How far back this read of Entra looks; the whole replication time unless a simulation says otherwise. */
  lagMs = (): number => this.replicationMs;
  /** What the site does with cancelled accounts (user.settings cancel_method). */
  cancelMethod: "block" | "delete" = "block";
  /** How values appear in the audit log. */
  auditValues: AuditValues = "plain";
  /** Groups and app roles by Entra object id. */
  readonly grants = new Map<string, Set<string>>();
  /** False: a group of the configuration cannot be found. */
  areGrantsKnown = true;
  /** Every write that reached Drupal, in order. */
  readonly drupalWrites: string[] = [];
  /** Told of each value that the sync writes. */
  onWrite: (write: ObservedWrite) => void = () => undefined;
  #tell(system: "drupal" | "entra", id: string, before: Attributes, values: Attributes): void {
    for (const [attribute, after] of Object.entries(values))
      this.onWrite({ system, id, attribute, before: before[attribute] ?? null, after });
  }
  /** Told after each save of a Drupal user that the sync itself made. */
  onOwnSave: (uuid: string, event: "created" | "updated" | "deleted") => void = () => undefined;
  /** Told of each change in Entra, by people or by the sync; null: no account. */
  onEntraChange: (objectId: string, before: EntraUser | null, after: EntraUser | null) => void =
    () => undefined;
  /** Told after each account that the sync made in Entra. */
  onEntraCreate: () => void = () => undefined;
  #history: { at: number; objectId: string; before: EntraUser | null }[] = [];
  readonly closed = new Map<string, number>();
  readonly verifiedDomains = [DOMAIN];
  queue: QueuedRequest[] = [];
  /** Every write that reached Entra, in order. */
  readonly entraWrites: string[] = [];
  #version = 0;

  get audit(): AuditEntry[] {
    return [...this.auditRows.values()];
  }

  request(
    drupalUuid: string | undefined,
    changes: Partial<ProvisionRequest> = {},
  ): ProvisionRequest {
    const receivedAt = new Date(this.now).toISOString();
    const whom = drupalUuid === undefined ? {} : { drupalUuid };
    return { ...whom, cause: "webhook", attempt: 0, receivedAt, ...changes };
  }

  editDrupal(uuid: string, changes: Partial<DrupalUser>): void {
    const user = this.drupal.get(uuid);
    if (user === undefined) throw new Error("no such user");
    const mail = changes.mail === undefined ? {} : { mail: changes.mail };
    const attributes = { ...user.attributes, ...mail, ...changes.attributes };
    this.drupal.set(uuid, { ...user, ...changes, attributes });
  }

  /** An admin deletes an Entra account: it can be restored for 30 days. */
  deleteInEntra(objectId: string): void {
    const user = this.entra.get(objectId);
    if (user === undefined) throw new Error("no such account");
    this.deletedEntra.set(objectId, user);
    this.entra.delete(objectId);
    this.onEntraChange(objectId, user, null);
  }

  /** A person edits an Entra account. */
  editEntra(objectId: string, changes: Partial<EntraUser>): void {
    const user = this.entra.get(objectId);
    if (user === undefined) throw new Error("no such account");
    this.#history.push({ at: this.now, objectId, before: user });
    const attributes = { ...user.attributes, ...changes.attributes };
    const edited = { ...user, ...changes, attributes };
    this.entra.set(objectId, edited);
    this.onEntraChange(objectId, user, edited);
  }

  /** How one worker calls outside. Once its gate has thrown Killed, nothing that it does has an effect. */
  caller(gate: Gate = () => undefined, pace: Pace = async () => undefined): Call {
    let dead = false;
    return async <T>(name: string, work: () => T): Promise<T> => {
      await pace(name, "before");
      if (dead) throw new Killed(name);
      const pass = (phase: "before" | "after") => {
        try {
          gate(name, phase);
        } catch (error) {
          if (error instanceof Killed) dead = true;
          throw error;
        }
      };
      pass("before");
      const result = work();
      await pace(name, "after");
      if (dead) throw new Killed(name);
      pass("after");
      // What was read is what was there then, however long the answer takes: nothing here is changed in place.
      return result;
    };
  }

  /** The ports of one worker. */
  worker(
    gate: Gate = () => undefined,
    pace: Pace = async () => undefined,
    call: Call = this.caller(gate, pace),
  ): WorkerPorts {
    const { escrow } = this;
    const version = () => {
      this.#version += 1;
      return String(this.#version);
    };
    return {
      grants: {
        holders: () =>
          call("grants.holders", () => (this.areGrantsKnown ? [...this.grants.keys()] : null)),
        current: () =>
          call("grants.current", () => null).then(
            () => (objectId: string) =>
              this.areGrantsKnown ? (this.grants.get(objectId) ?? new Set<string>()) : null,
          ),
      },
      sleep: async (ms) => {
        this.now += ms;
        await pace("sleep", "before");
      },
      now: () => new Date(this.now),
      random: () => this.random(),
      newId: anId,
      auditValues: this.auditValues,
      drupal: this.#drupalPorts(call),
      entra: this.#entraPorts(call),
      links: {
        get: (uuid) => call("links.get", () => this.links.get(uuid) ?? null),
        save: (link, expected) =>
          call("links.save", () => {
            if ((this.links.get(link.drupalUuid)?.version ?? null) !== expected) {
              throw new ConcurrencyError("changed", { system: "storage", code: "rowChanged" });
            }
            const next = version();
            this.links.set(link.drupalUuid, { link, version: next });
            return next;
          }),
        holderOf: (objectId) => call("links.holderOf", () => this.holders.get(objectId) ?? null),
        claim: (objectId, uuid, replacing) =>
          call("links.claim", () => {
            const holder = this.holders.get(objectId);
            if (holder !== undefined && holder !== uuid && holder !== replacing) {
              throw new AlreadyExistsError("held", { system: "storage", code: "linkedToAnother" });
            }
            this.holders.set(objectId, uuid);
          }),
        release: (objectId, uuid) =>
          call("links.release", () => {
            if (this.holders.get(objectId) === uuid) this.holders.delete(objectId);
          }),
      },
      audit: {
        append: (entry) => call("audit.append", () => void this.auditRows.set(entry.id, entry)),
      },
      reversals: {
        of: (cycleId, uuid) =>
          call("reversals.of", () =>
            this.audit.filter((row) => row.cycleId === cycleId && row.drupalUuid === uuid),
          ),
      },
      queue: {
        send: (request, delayMs = 0) =>
          call(
            "queue.send",
            () => void this.queue.push({ request, visibleAt: this.now + delayMs }),
          ),
      },
      escrow: {
        find: (uuid) => call("escrow.find", () => this.escrow.get(uuid) ?? null),
        put: (entry) => call("escrow.put", () => void this.escrow.set(entry.drupalUuid, entry)),
        each: async function* ({ code, system }: EscrowFilter) {
          const rows = await call("escrow.each", () => [...escrow.values()]);
          yield* rows.filter(
            (row) =>
              (code === undefined || row.reason.code === code) &&
              (system === undefined || row.system === system),
          );
        },
        clear: (uuid) => call("escrow.clear", () => void this.escrow.delete(uuid)),
      },
      quarantine: {
        closedUntil: (system) =>
          call("quarantine.closedUntil", () => {
            const until = this.closed.get(system);
            return until !== undefined && until > this.now ? new Date(until) : null;
          }),
        state: (system) =>
          call("quarantine.state", () => {
            const until = this.closed.get(system);
            const reason = { code: "closed", message: "closed by a test" };
            return until !== undefined && until > this.now
              ? { until: new Date(until), reason }
              : null;
          }),
        close: (system, _reason, now) =>
          call("quarantine.close", () => void this.closed.set(system, now.getTime() + 600_000)),
        pausedUntil: async () => null,
        pause: (system, until) => void this.closed.set(system, until.getTime()),
        open: (system) => call("quarantine.open", () => void this.closed.delete(system)),
      },
      configuration: { current: () => call("configuration.current", () => this.configuration) },
    };
  }

  #drupalPorts(call: <T>(name: string, work: () => T) => Promise<T>): ProvisionPorts["drupal"] {
    const existing = (uuid: string): DrupalUser => {
      const user = this.drupal.get(uuid);
      if (user === undefined)
        throw new NotFoundError("gone", { system: "drupal", code: "drupalUserNotFound" });
      return user;
    };
    const taken = (attribute: string) =>
      new AlreadyExistsError("taken", { system: "drupal", code: "valueTaken", attribute });
    const others = (uuid: string) => [...this.drupal.values()].filter((user) => user.uuid !== uuid);
    const refuseTaken = (uuid: string, name: string, mail: unknown) => {
      // Drupal validates names and mails before it looks at the UUID (contract/drupal-fields).
      if (others(uuid).some((user) => folded(user.name) === folded(name))) throw taken("name");
      const isSame = (user: DrupalUser) =>
        typeof mail === "string" && user.mail !== null && folded(user.mail) === folded(mail);
      if (others(uuid).some(isSame)) throw taken("mail");
    };
    const save = (user: DrupalUser, what: string, event: "created" | "updated") => {
      const changedAt = new Date(Math.floor(this.now / 1000) * 1000).toISOString();
      this.drupal.set(user.uuid, { ...user, changedAt });
      this.drupalWrites.push(what);
      this.onOwnSave(user.uuid, event);
    };
    return {
      getUser: (uuid) => call("drupal.getUser", () => this.drupal.get(uuid) ?? null),
      serviceAccount: () => call("drupal.serviceAccount", () => ({ uuid: SERVICE_UUID })),
      findUsers: (key) =>
        call("drupal.findUsers", () =>
          [...this.drupal.values()].filter((user) => {
            const value = key.attribute === "uuid" ? user.uuid : user.attributes[key.attribute];
            return typeof value === "string" && folded(value) === key.value;
          }),
        ),
      createUser: ({ uuid, name, values }) =>
        call("drupal.createUser", () => {
          if (this.drupal.has(uuid)) throw taken("name");
          refuseTaken(uuid, name, values.mail);
          const { status, ...attributes } = values;
          const mail = typeof values.mail === "string" ? values.mail : null;
          const user = aDrupalUser({
            uuid,
            name,
            mail,
            enabled: status === true,
            isMailProven: false,
            attributes,
          });
          const fields = ["field_first_name", "field_last_name", "field_department", "field_title"];
          const blank = Object.fromEntries(fields.map((field) => [field, null]));
          const all = { ...blank, ...attributes, name, mail };
          save({ ...user, attributes: all }, `create ${name}`, "created");
        }),
      updateUser: (uuid, values) =>
        call("drupal.updateUser", () => {
          const user = existing(uuid);
          const { status, ...attributes } = values;
          const mail = "mail" in values ? values.mail : user.mail;
          refuseTaken(uuid, user.name, mail);
          this.#tell("drupal", uuid, { ...user.attributes, status: user.enabled }, values);
          const enabled = typeof status === "boolean" ? status : user.enabled;
          const next = {
            ...user,
            enabled,
            mail: typeof mail === "string" ? mail : null,
            attributes: { ...user.attributes, ...attributes },
          };
          save(next, `update ${Object.keys(values).join(",")}`, "updated");
        }),
      assignRole: (uuid, role) =>
        call("drupal.assignRole", () => {
          const user = existing(uuid);
          const roles = [...new Set([...user.roles, role])];
          save({ ...user, roles }, `assign ${role}`, "updated");
        }),
      removeRole: (uuid, role) =>
        call("drupal.removeRole", () => {
          const user = existing(uuid);
          const roles = user.roles.filter((one) => one !== role);
          save({ ...user, roles }, `remove ${role}`, "updated");
        }),
      deleteUser: (uuid) =>
        call("drupal.deleteUser", () => {
          const user = this.drupal.get(uuid);
          if (user === undefined) return;
          if (this.cancelMethod === "block") save({ ...user, enabled: false }, "cancel", "updated");
          else {
            this.drupal.delete(uuid);
            this.drupalWrites.push("delete");
            this.onOwnSave(uuid, "deleted");
          }
        }),
    };
  }

  #entraPorts(call: <T>(name: string, work: () => T) => Promise<T>): ProvisionPorts["entra"] {
    const existing = (objectId: string): EntraUser => {
      const user = this.entra.get(objectId);
      if (user === undefined)
        throw new NotFoundError("gone", { system: "entra", code: "entraUserNotFound" });
      return user;
    };
    const byName = (name: string) =>
      [...this.entra.values()].find((user) => folded(user.userPrincipalName) === folded(name));
    return {
      getUser: (objectId) => call("entra.getUser", () => this.seenEntra(objectId)),
      getUserByPrincipalName: (name) =>
        call("entra.getUserByPrincipalName", () => this.seenEntra(byName(name)?.objectId ?? "")),
      isPrivileged: (objectId) => call("entra.isPrivileged", () => this.privileged.has(objectId)),
      findUsers: (key) =>
        call("entra.findUsers", () =>
          [...this.entra.keys()]
            .map((objectId) => this.seenEntra(objectId))
            .filter((user) => user !== null)
            .filter((user) => {
              const isName = key.attribute === "userPrincipalName";
              const value = isName ? user.userPrincipalName : user.attributes[key.attribute];
              return typeof value === "string" && folded(value) === key.value;
            }),
        ),
      isInBin: (objectId) => call("entra.isInBin", () => this.deletedEntra.has(objectId)),
      restoreUser: (objectId) =>
        call("entra.restoreUser", () => {
          const user = this.deletedEntra.get(objectId);
          if (user === undefined)
            throw new NotFoundError("gone", { system: "entra", code: "entraUserNotFound" });
          this.#history.push({ at: this.now, objectId, before: null });
          this.deletedEntra.delete(objectId);
          this.entra.set(objectId, user);
          this.onEntraChange(objectId, null, user);
          this.entraWrites.push("restore");
        }),
      verifiedDomains: () => call("entra.verifiedDomains", () => this.verifiedDomains),
      createUser: (user: NewEntraUser) =>
        call("entra.createUser", () => {
          if (byName(user.userPrincipalName)) {
            const options = {
              system: "entra",
              code: "valueTaken",
              attribute: "userPrincipalName",
            } as const;
            throw new AlreadyExistsError("taken", options);
          }
          this.#refuseTakenMail(user.values.mail, null);
          const objectId = anId();
          this.#history.push({ at: this.now, objectId, before: null });
          const { accountEnabled, ...attributes } = user.values;
          const made = {
            objectId,
            userPrincipalName: user.userPrincipalName,
            enabled: accountEnabled === true,
          };
          const account = anEntraUser({ ...made, attributes });
          this.entra.set(objectId, account);
          this.onEntraChange(objectId, null, account);
          this.entraWrites.push(`create ${user.userPrincipalName}`);
          this.onEntraCreate();
          return { objectId, unwritten: [] };
        }),
      updateUser: (objectId, values) =>
        call("entra.updateUser", () => {
          const user = existing(objectId);
          this.#refuseTakenMail(values.mail, objectId);
          const held = { ...user.attributes, accountEnabled: user.enabled };
          this.#tell("entra", objectId, held, values);
          this.#history.push({ at: this.now, objectId, before: user });
          const { accountEnabled, ...attributes } = values;
          const enabled = typeof accountEnabled === "boolean" ? accountEnabled : user.enabled;
          const next = { ...user, enabled, attributes: { ...user.attributes, ...attributes } };
          this.entra.set(objectId, next);
          this.onEntraChange(objectId, user, next);
          this.entraWrites.push(`update ${Object.keys(values).join(",")}`);
        }),
      deleteUser: (objectId) =>
        call("entra.deleteUser", () => {
          const user = this.entra.get(objectId);
          if (user === undefined) return;
          this.deletedEntra.set(objectId, user);
          this.entra.delete(objectId);
          this.onEntraChange(objectId, user, null);
          this.entraWrites.push("delete");
        }),
    };
  }

  /** Mail addresses that accounts hold as an alias (proxyAddresses), by object id. */
  readonly aliases = new Map<string, string>();

  #refuseTakenMail(mail: unknown, self: string | null): void {
    const isTaken = [...this.entra.values()].some(
      (user) =>
        user.objectId !== self &&
        (this.aliases.get(user.objectId) === mail || user.attributes.mail === mail),
    );
    if (typeof mail !== "string" || !isTaken) return;
    throw new AlreadyExistsError("taken", {
      system: "entra",
      code: "valueTaken",
      attribute: "mail",
    });
  }

  /** What a read shows: the state before the oldest write that has not spread yet. */
  seenEntra(objectId: string): EntraUser | null {
    const lagMs = this.lagMs();
    const unspread = this.#history.find(
      (write) => write.objectId === objectId && this.now - write.at < lagMs,
    );
    return unspread === undefined ? (this.entra.get(objectId) ?? null) : unspread.before;
  }

  /** The next queued request, after moving the clock to when it becomes visible. */
  nextRequest(): ProvisionRequest | null {
    const [first, ...rest] = this.queue.toSorted((a, b) => a.visibleAt - b.visibleAt);
    if (first === undefined) return null;
    this.queue = rest;
    this.now = Math.max(this.now, first.visibleAt);
    return first.request;
  }
}
