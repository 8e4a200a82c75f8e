// Failed logins, counted as core's basic_auth does: 5 per account and address in 6 hours, 50 per address and hour.

const USER_LIMIT = 5;
const USER_WINDOW = 21_600;
const ADDRESS_LIMIT = 50;
const ADDRESS_WINDOW = 3_600;

/** The flood table. Locks are silent: callers just fail to authenticate (contract/drupal 254, 255, 302). */
export interface Flood {
  addressIsFree(address: string): boolean;
  accountIsFree(uid: number, address: string): boolean;
  failAddress(address: string): void;
  failAccount(uid: number, address: string): void;
  forgetAccount(uid: number, address: string): void;
  clear(): void;
}

/** An empty flood table that reads the site's clock. */
export function createFlood(now: () => number): Flood {
  const failures = new Map<string, number[]>();
  const recent = (key: string, window: number): number[] => {
    const kept = (failures.get(key) ?? []).filter((at) => at > now() - window);
    failures.set(key, kept);
    return kept;
  };
  const accountKey = (uid: number, address: string): string => `user ${uid}-${address}`;
  const addressKey = (address: string): string => `ip ${address}`;
  return {
    addressIsFree: (address) => recent(addressKey(address), ADDRESS_WINDOW).length < ADDRESS_LIMIT,
    accountIsFree: (uid, address) =>
      recent(accountKey(uid, address), USER_WINDOW).length < USER_LIMIT,
    failAddress: (address) => {
      recent(addressKey(address), ADDRESS_WINDOW).push(now());
    },
    failAccount: (uid, address) => {
      recent(accountKey(uid, address), USER_WINDOW).push(now());
    },
    forgetAccount: (uid, address) => {
      failures.delete(accountKey(uid, address));
    },
    clear: () => failures.clear(),
  };
}
