// A person at a simulator's page wants the pictures carried over now: the simulator asks the product, as curl would.
import { z } from "zod";

/** Tells where the product's host is; undefined while there is none, as it starts after the simulators. */
export type ProductUrl = () => string | undefined;

/** What came of asking; `message` is one line for the page. */
export interface SyncAnswer {
  readonly status: number;
  readonly message: string;
}

const PATIENCE_MS = 10_000;
const problem = z.object({ title: z.string().min(1) });

/** Asks the product to look at all pictures. Never throws: a refusal or silence is an answer too. */
export async function syncPictures(productUrl: string | undefined): Promise<SyncAnswer> {
  if (productUrl === undefined) return { status: 404, message: "There is no sync to ask." };
  try {
    const response = await fetch(`${productUrl}/api/cycles`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ kind: "photos" }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    if (response.ok) return { status: 202, message: "Sync started" };
    return { status: response.status, message: reasonIn(text) ?? `Status ${response.status}` };
  } catch {
    return { status: 502, message: "The sync did not answer." };
  }
}

function reasonIn(text: string): string | undefined {
  try {
    return problem.safeParse(JSON.parse(text)).data?.title;
  } catch {
    return undefined;
  }
}
