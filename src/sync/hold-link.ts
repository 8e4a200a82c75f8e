// One writer per user: takes the link's lease, renews it with each save, and gives it back.
import { ConcurrencyError } from "../rules/errors.ts";
import { held, isHeldByAnother, type Link, newLink } from "../rules/link.ts";
import type { LinkStore, Surroundings } from "./ports.ts";

// Twice what one remote call may last (connectors give up after 15 s at most): every PATCH and POST is preceded by a
// save, which renews it. A killed worker keeps its user waiting for no longer.
const LEASE_MS = 30_000;
// A remote write must end before the lease does: it is not begun later than this after the save that announced it.
const LATEST_START_MS = LEASE_MS / 2;

/** The code of a look that is too old to write by. */
export const LOOK_TOO_OLD = "lookTooOld";

const lost = (message: string) =>
  new ConcurrencyError(message, { system: "storage", code: "userHeld" });

/** A link that is ours until it is released. */
export interface HeldLink {
  readonly link: Link;
  /** Saves and renews the lease. ConcurrencyError: the lease was lost, nothing more may be written. */
  save(changes: Partial<Link>): Promise<void>;
  /** Changes that go with the next save; free until then. */
  note(changes: Partial<Link>): void;
  /** The plan that follows was made from a look at this time. */
  lookedAt(at: Date): void;
  /** Throws ConcurrencyError when this process was stopped for so long that a write begun now could outlast the lease, or
   * would follow an old look: Graph and Drupal know no fence, so ours must hold before the request leaves. */
  assertHeld(): void;
  /** Saves what is noted and gives the lease back. */
  release(): Promise<void>;
}

const POLL_MS = 200;

/**
 * Takes the lease of a user's link, making the link where there is none. ConcurrencyError when another holds it, or takes
 * it at the same moment; where a person is waiting for the answer, it is asked for again for up to `patienceMs`.
 */
export async function holdLink(
  drupalUuid: string,
  ports: Surroundings & { readonly links: LinkStore },
  patienceMs = 0,
): Promise<HeldLink> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      return await takeLink(drupalUuid, ports);
    } catch (error) {
      if (!(error instanceof ConcurrencyError) || waitedMs >= patienceMs) throw error;
      await ports.sleep(POLL_MS);
    }
  }
}

async function takeLink(
  drupalUuid: string,
  ports: Surroundings & { readonly links: LinkStore },
): Promise<HeldLink> {
  const owner = ports.newId();
  const stored = await ports.links.get(drupalUuid);
  let link = stored?.link ?? newLink(drupalUuid);
  let version = stored?.version ?? null;
  let savedMs = 0;
  let lookedMs = 0;
  if (isHeldByAnother(link, owner, ports.now())) throw lost("another worker holds this user");
  const save = async (changes: Partial<Link>): Promise<void> => {
    // The lease runs from before the save: how long the save takes is not ours to know.
    const at = ports.now();
    const next = held({ ...link, ...changes }, owner, at, LEASE_MS);
    version = await ports.links.save(next, version);
    savedMs = at.getTime();
    link = next;
  };
  await save({});
  return {
    get link() {
      return link;
    },
    save,
    note: (changes) => {
      link = { ...link, ...changes };
    },
    lookedAt: (at) => {
      lookedMs = at.getTime();
    },
    assertHeld: () => {
      const now = ports.now().getTime();
      if (now - savedMs > LATEST_START_MS || now - lookedMs > LATEST_START_MS)
        throw new ConcurrencyError("the look is too old to write by it", {
          system: "storage",
          code: LOOK_TOO_OLD,
        });
    },
    release: async () => {
      version = await ports.links.save({ ...link, lease: null }, version);
    },
  };
}
