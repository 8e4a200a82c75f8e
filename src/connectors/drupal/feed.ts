// Everyone on the site, or who changed, page by page: a page that leaves out someone is never given.
import { RejectedError, TransientError } from "../../rules/errors.ts";
import type { Feed, FeedPage } from "../../sync/cycle-ports.ts";
import type { DrupalFields } from "../../sync/ports.ts";
import { unexpectedAnswer } from "./answers.ts";
import type { DrupalAnswer, DrupalClient } from "./client.ts";
import {
  type ChangesPosition,
  changesSince,
  type EveryonePosition,
  newestOf,
  positionOf,
  watermarkAfter,
  watermarkAt,
  watermarkOf,
} from "./feed-position.ts";
import { changedAfter, everyoneAfter, lastChanged, newestAccounts } from "./feed-request.ts";
import {
  proveRights,
  rightsMissing,
  type ShownPage,
  type ShownUser,
  shownPage,
  unreadable,
} from "./whole-users.ts";
import { includeParameters, withQuery } from "./wire.ts";

// JSON:API's own maximum (facts: drupal 15).
const PAGE = 50;

/** A user whose place among users by `changed` is shown. */
type Placed = ShownUser & { readonly changed: number; readonly uid: number };
const isPlaced = (one: ShownUser): one is Placed => one.changed !== null && one.uid !== null;

// Whoever is not shown whole is looked at singly, and fails or not for themselves.
const pageWith = (
  shown: readonly ShownUser[],
  next: string | null,
  watermark: string | null,
): FeedPage => ({
  users: shown.flatMap(({ user }) => (user === null ? [] : [{ system: "drupal", user }])),
  hints: shown.flatMap(({ uuid, user }) => (user === null ? [uuid] : [])),
  next,
  watermark,
});

const incomplete = (): TransientError =>
  new TransientError("Drupal's list of users does not show who comes next", {
    system: "drupal",
    code: "listingIncomplete",
  });

/** Each user comes after the one before, the first after where the page starts: else it is no page that we asked for. */
function requireOrder(keys: readonly (readonly [number, number])[]): void {
  const isOrdered = keys.every(([major, minor], index) => {
    const [before, beforeMinor] = keys[index - 1] ?? [-1, -1];
    return major > before || (major === before && minor > beforeMinor);
  });
  if (!isOrdered) throw unexpectedAnswer();
}

// A collection that may be read neither in whole nor in part, though our own account may.
function whyNoPage(answer: DrupalAnswer, fields: DrupalFields): Error {
  if (answer.status === 200) return unexpectedAnswer();
  const error = unreadable(answer, Object.keys(fields));
  const isOfOneUser = error instanceof RejectedError && error.code === "drupalUserUnreadable";
  return isOfOneUser ? rightsMissing() : error;
}

/**
 * The feed of a site. Everyone: two requests, then one for each 50 users. Changes: one for each 49, and so one when
 * nothing changed; `changed` moves with fields, roles and pictures (facts: drupal 6), not with a cancelled account that
 * is gone: only everyone shows who is missing.
 */
export function createDrupalFeed(client: DrupalClient, now: () => Date): Feed {
  const ask = async (
    parameters: readonly [string, string][],
    fields: DrupalFields,
  ): Promise<ShownPage> => {
    const path = withQuery("/jsonapi/user/user", [
      ...parameters,
      ["page[limit]", String(PAGE)],
      ...includeParameters(fields),
    ]);
    const isWhole = ({ user }: ShownUser) => user !== null;
    const proves = (one: DrupalAnswer) => shownPage(one, fields)?.shown.some(isWhole) === true;
    const answer = await client.send({ method: "GET", path }, proves);
    const page = shownPage(answer, fields);
    if (page !== null && page.shown.length > 0 && page.shown.every(isWhole)) return page;
    await proveRights(client);
    if (page === null) throw whyNoPage(answer, fields);
    // Nobody is whole, though our own account is: rights over others are missing. One user alone, whose number at least
    // is shown, says nothing of others: the last page may be like that.
    const [first, second] = page.shown;
    const isOneInPart = second === undefined && first?.uid !== null;
    if (first !== undefined && !page.shown.some(isWhole) && !isOneInPart) throw rightsMissing();
    return page;
  };

  // A page that is short although another follows leaves out users whom we may not see, unless they were just deleted.
  const askWhole = async (
    parameters: readonly [string, string][],
    fields: DrupalFields,
  ): Promise<ShownPage> => {
    const isShort = ({ shown, hasNext }: ShownPage) => hasNext && shown.length < PAGE;
    const page = await ask(parameters, fields);
    if (!isShort(page)) return page;
    const again = await ask(parameters, fields);
    if (isShort(again)) throw incomplete();
    return again;
  };

  // A whole page, as the newest one of it may not be shown whole.
  const newestUid = async (): Promise<number> => {
    const { shown } = await ask(newestAccounts(now().getTime()), {});
    // There is our own account at least.
    if (shown.length === 0) throw unexpectedAnswer();
    const uid = shown.find((one) => one.uid !== null)?.uid;
    if (uid === undefined || uid === null) throw incomplete();
    return uid;
  };

  // 0 where every time lies in the future, as our clock has it: the next run reads everyone then.
  const newestChange = async (): Promise<number> => {
    const at = now();
    const upTo = Math.floor(at.getTime() / 1000);
    const { shown } = await ask(lastChanged(at.getTime(), upTo), {});
    return newestOf(
      0,
      shown.flatMap(({ changed }) => changed ?? []),
      at,
    );
  };

  const readEveryone = async (
    position: EveryonePosition,
    fields: DrupalFields,
  ): Promise<FeedPage> => {
    const { shown, hasNext } = await askWhole(everyoneAfter(position), fields);
    const uids = [position.afterUid, ...shown.flatMap(({ uid }) => uid ?? [])];
    requireOrder(uids.map((uid) => [uid, 0]));
    if (hasNext) {
      const afterUid = shown.at(-1)?.uid ?? null;
      if (afterUid === null) throw incomplete();
      return pageWith(shown, JSON.stringify({ ...position, afterUid }), null);
    }
    const last = uids.at(-1) ?? position.afterUid;
    // Ended before the newest account of the start: it was deleted meanwhile, or the answer is not the end.
    if (last < position.newestUid && (await newestUid()) > last) {
      const message = "Drupal's list of users ended before its newest user";
      throw new TransientError(message, { system: "drupal", code: "listingEndedEarly" });
    }
    return pageWith(shown, null, JSON.stringify(position.watermark));
  };

  const readChanges = async (
    position: ChangesPosition,
    fields: DrupalFields,
  ): Promise<FeedPage> => {
    const { uuid: own } = client.knownAccount() ?? (await client.serviceAccount());
    const askedAt = now();
    const { shown, hasNext } = await askWhole(changedAfter(position, own), fields);
    const { after } = position;
    const fresh = shown.filter((one) => {
      if (!isPlaced(one)) return one.uuid !== own;
      return one.changed > after.changed || (one.changed === after.changed && one.uid > after.uid);
    });
    const placed = fresh.filter(isPlaced);
    requireOrder(placed.map(({ changed, uid }) => [changed, uid]));
    const stamps = placed.map(({ changed }) => changed);
    const newest = newestOf(position.newest, stamps, now());
    const last = fresh.at(-1);
    if (hasNext && last !== undefined) {
      if (!isPlaced(last)) throw incomplete();
      const reached = { changed: last.changed, uid: last.uid };
      const readSince = position.readSince ?? askedAt.getTime();
      const next = { ...position, after: reached, readSince, newest };
      return pageWith(fresh, JSON.stringify(next), null);
    }
    // Neither what we asked for nor its end.
    if (hasNext || !shown.some(({ uuid }) => uuid === own)) throw unexpectedAnswer();
    const watermark = watermarkAfter(position, newest, askedAt, now());
    return pageWith(fresh, null, JSON.stringify(watermark));
  };

  return {
    begin: async (text) => {
      if (text !== null) {
        const watermark = watermarkOf(text);
        // Nothing is asked: the page itself proves that we are let in.
        return watermark === null ? "" : JSON.stringify(changesSince(watermark, now()));
      }
      // Before the listing, and by Drupal's own clock: what changes from here on is the next run's.
      const watermark = watermarkAt(await newestChange(), now());
      const position: EveryonePosition = {
        kind: "everyone",
        newestUid: await newestUid(),
        run: now().getTime(),
        afterUid: 0,
        watermark,
      };
      return JSON.stringify(position);
    },
    page: async (text, { fields }) => {
      const position = positionOf(text);
      if (position === null) return "expired";
      return position.kind === "everyone"
        ? readEveryone(position, fields)
        : readChanges(position, fields);
    },
  };
}
