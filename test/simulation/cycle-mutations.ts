// Designs of cycles that are broken on purpose, to see that the simulation notices.
import type { Cycle } from "../../src/rules/cycle.ts";
import { configurationPrint, restPrints } from "../../src/rules/rest.ts";
import type { CyclePorts } from "../../src/sync/cycle-ports.ts";
import type { ProvisionPorts } from "../../src/sync/ports.ts";
import type { CycleWorld } from "../doubles/cycle-world.ts";

/** What is broken: the watermark is kept when the reading ends; whom one listing does not show is gone; a user is at rest as soon
 * as the write is announced; who is to be held is written. */
export type CycleMutation =
  | "none"
  | "watermarkEarly"
  | "absenceBelieved"
  | "restEarly"
  | "holdsNobody";

/** What is built otherwise. */
export interface CycleDesign {
  /** Wraps what a runner has for itself. */
  readonly runner: (ports: CyclePorts) => CyclePorts;
  /** Wraps what it has for users. */
  readonly users: (ports: ProvisionPorts) => ProvisionPorts;
}

type Design = (cycles: CycleWorld) => Partial<CycleDesign>;

function keepWatermark(cycle: Cycle, { jobs, world }: CycleWorld): void {
  const stored = jobs.get(cycle.direction);
  const position = cycle.reading.watermark;
  if (cycle.phase === "reading" || stored === undefined || position === null) return;
  if (stored.job.cycleId !== cycle.id || cycle.isDryRun) return;
  const configuration = configurationPrint(world.configuration);
  const watermark = { position, configuration, memberships: null };
  jobs.set(cycle.direction, { ...stored, job: { ...stored.job, watermark } });
}

const watermarkEarly: Design = (world) => ({
  runner: ({ cycles, ...ports }) => ({
    ...ports,
    cycles: {
      ...cycles,
      save: async (cycle, version) => {
        const saved = await cycles.save(cycle, version);
        keepWatermark(cycle, world);
        return saved;
      },
    },
  }),
});

// The absent of the latest listing are nominated at once, and their looks find what the listing showed.
const absenceBelieved: Design = (cycles) => {
  const gone = new Set<string>();
  let latest: readonly string[] = [];
  return {
    runner: ({ listings, ...ports }) => ({
      ...ports,
      listings: {
        ...listings,
        absent: async () => latest,
        putAbsent: async (id, uuids) => {
          await listings.putAbsent(id, uuids);
          latest = uuids;
          const isDrupal = cycles.cycle(id).direction === "drupalToEntra";
          for (const uuid of uuids)
            gone.add(isDrupal ? uuid : (cycles.world.links.get(uuid)?.link.entraObjectId ?? ""));
        },
      },
    }),
    users: ({ drupal, entra, ...ports }) => ({
      ...ports,
      drupal: {
        ...drupal,
        getUser: async (uuid, fields) => (gone.has(uuid) ? null : drupal.getUser(uuid, fields)),
      },
      entra: {
        ...entra,
        getUser: async (id, names) => (gone.has(id) ? null : entra.getUser(id, names)),
        isInBin: async (id) => gone.has(id) || entra.isInBin(id),
      },
    }),
  };
};

// What is announced is taken for written; whoever is at rest is passed over, whatever is open.
const restEarly: Design = ({ world }) => ({
  runner: ({ index, ...ports }) => ({
    ...ports,
    index: {
      all: () => index.all(),
      of: async (system, ids) => {
        const known = await index.of(system, ids);
        return {
          ...known,
          find: (one, id) => {
            const found = known.find(one, id);
            const link = found === null ? undefined : world.links.get(found.drupalUuid)?.link;
            if (found === null || link === undefined) return found;
            return { ...found, isAtRest: (_, print) => link.rest[one] === print };
          },
        };
      },
    },
  }),
  users: ({ links, ...ports }) => ({
    ...ports,
    links: {
      ...links,
      save: (link, version) => {
        const { pending } = link;
        const drupal = world.drupal.get(link.drupalUuid);
        const entra = world.entra.get(link.entraObjectId ?? "");
        if (pending === null || drupal === undefined || entra === undefined)
          return links.save(link, version);
        const prints = restPrints(world.configuration);
        const rest = { drupal: prints.drupal(drupal), entra: prints.entra(entra, new Set()) };
        return links.save({ ...link, rest }, version);
      },
    },
  }),
});

const holdsNobody: Design = () => ({
  runner: ({ provision, ...ports }) => ({
    ...ports,
    provision: (request) => provision({ ...request, holdsHarm: false }),
  }),
});

const DESIGNS: Readonly<Record<CycleMutation, Design>> = {
  none: () => ({}),
  watermarkEarly,
  absenceBelieved,
  restEarly,
  holdsNobody,
};

/** The design of a history's runners. */
export const designOf = (mutation: CycleMutation, cycles: CycleWorld): CycleDesign => ({
  runner: (ports) => ports,
  users: (ports) => ports,
  ...DESIGNS[mutation](cycles),
});
