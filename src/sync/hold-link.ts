// One writer per user: takes the link's lease, renews it with each save, and gives it back.
import { ConcurrencyError } from "../rules/errors.ts";
import { held, isHeldByAnother, type Link, newLink } from "../rules/link.ts";
import type { LinkStore, Surroundings } from "./ports.ts";

// Twice what one remote call may last (connectors give up after 15 s at most): every PATCH and POST is preceded by a
// save, which renews it. A killed worker keeps its user waiting for no longer.
const LEASE_MS = 30_000;

/** A link that is ours until it is released. */
export interface HeldLink {
  readonly link: Link;
  /** Saves and renews the lease. ConcurrencyError: the lease was lost, nothing more may be written. */
  save(changes: Partial<Link>): Promise<void>;
  /** Changes that go with the next save; free until then. */
  note(changes: Partial<Link>): void;
  /** Saves what is noted and gives the lease back. */
  release(): Promise<void>;
}

/** Takes the lease of a user's link, making the link where there is none. ConcurrencyError when another holds it. */
export async function holdLink(
  drupalUuid: string,
  ports: Surroundings & { readonly links: LinkStore },
): Promise<HeldLink> {
  const owner = ports.newId();
  const stored = await ports.links.get(drupalUuid);
  let link = stored?.link ?? newLink(drupalUuid);
  let version = stored?.version ?? null;
  if (isHeldByAnother(link, owner, ports.now())) {
    throw new ConcurrencyError("another worker holds this user", {
      system: "storage",
      code: "userHeld",
    });
  }
  const save = async (changes: Partial<Link>): Promise<void> => {
    const next = held({ ...link, ...changes }, owner, ports.now(), LEASE_MS);
    version = await ports.links.save(next, version);
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
    release: async () => {
      version = await ports.links.save({ ...link, lease: null }, version);
    },
  };
}
