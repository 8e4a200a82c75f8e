// Virtual time: everything that waits is a due date, and whatever is due first goes on, alone, until it waits again.

interface Waiting {
  readonly dueAt: number;
  readonly order: number;
  readonly resume: () => void;
}

/** Lets every promise that can go on do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that jumps from one due date to the next. */
export class Scheduler {
  #now: number;
  #order = 0;
  #waiting: Waiting[] = [];
  readonly #onTime: (now: number) => void;

  constructor(now: number, onTime: (now: number) => void) {
    this.#now = now;
    this.#onTime = onTime;
  }

  get now(): number {
    return this.#now;
  }

  /** Resolves when `ms` of virtual time have passed. */
  sleep(ms: number): Promise<void> {
    return new Promise((resume) => {
      this.#order += 1;
      this.#waiting.push({ dueAt: this.#now + Math.max(0, ms), order: this.#order, resume });
    });
  }

  /** Goes on until nothing waits, or until `steps` have been made. Answers whether nothing waits. */
  async run(steps: number): Promise<boolean> {
    await settle();
    for (let step = 0; step < steps; step += 1) {
      let first: Waiting | undefined;
      for (const one of this.#waiting) {
        const isEarlier =
          first === undefined ||
          one.dueAt < first.dueAt ||
          (one.dueAt === first.dueAt && one.order < first.order);
        if (isEarlier) first = one;
      }
      if (first === undefined) return true;
      const chosen = first;
      this.#waiting = this.#waiting.filter((one) => one !== chosen);
      this.#now = Math.max(this.#now, chosen.dueAt);
      this.#onTime(this.#now);
      chosen.resume();
      await settle();
    }
    return false;
  }
}
