// Health: can we reach and use what we depend on, and if not, what is to be done. Asks at most every 15 seconds.
import { AccessError, SyncFailure } from "../rules/errors.ts";
import type { Reason } from "../rules/plan.ts";
import type { Surroundings } from "./ports.ts";

/** One dependency. `code` and `message` say what is wrong and what mends it. */
export interface HealthCheck {
  readonly name: "storage" | "drupal" | "entra";
  readonly status: "ok" | "failed";
  readonly code?: string;
  readonly message: string;
}

/** The whole: `ok` when every check is. */
export interface Health {
  readonly status: "ok" | "failed";
  /** ISO 8601; answers up to 15 s old are given again. */
  readonly checkedAt: string;
  readonly checks: readonly HealthCheck[];
}

/** A probe answers a sentence about what it saw, or throws a named failure. */
export interface HealthPorts extends Pick<Surroundings, "now"> {
  readonly probes: Readonly<Record<HealthCheck["name"], () => Promise<string>>>;
  /** Closes a system that refuses us. */
  quarantine(system: HealthCheck["name"], reason: Reason): Promise<void>;
  /** A quarantined system is not probed: a wrong password must not be tried once more. */
  quarantined(
    system: HealthCheck["name"],
  ): Promise<{ readonly until: Date; readonly reason: Reason } | null>;
}

const REMEMBERED_MS = 15_000;

async function check(name: HealthCheck["name"], ports: HealthPorts): Promise<HealthCheck> {
  try {
    const closed = name === "storage" ? null : await ports.quarantined(name);
    if (closed !== null) {
      const message = `${closed.reason.message}; asked again at ${closed.until.toISOString()}, or at once with new credentials`;
      return { name, status: "failed", code: closed.reason.code, message };
    }
    return { name, status: "ok", message: await ports.probes[name]() };
  } catch (error) {
    if (error instanceof AccessError && name !== "storage") {
      // The probe knocked: the next knock waits like everyone's.
      await ports.quarantine(name, { code: error.code, message: error.message });
    }
    const isNamed = error instanceof SyncFailure;
    const code = isNamed ? error.code : "unexpectedFailure";
    return {
      name,
      status: "failed",
      code,
      message: isNamed ? error.message : "the check itself failed",
    };
  }
}

/** A health check that remembers its answer and never throws. */
export function createHealthCheck(ports: HealthPorts): () => Promise<Health> {
  let known: { readonly health: Promise<Health>; readonly until: number } | null = null;
  const run = async (): Promise<Health> => {
    const names = ["storage", "drupal", "entra"] as const;
    const checks = await Promise.all(names.map((name) => check(name, ports)));
    const status = checks.every((one) => one.status === "ok") ? "ok" : "failed";
    return { status, checkedAt: ports.now().toISOString(), checks };
  };
  return () => {
    const now = ports.now().getTime();
    if (known === null || known.until <= now) known = { health: run(), until: now + REMEMBERED_MS };
    return known.health;
  };
}
