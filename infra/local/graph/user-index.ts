// Finding users without scanning: by UPN and address always, by any other filtered property once it was asked for.
import type { JsonValue } from "./json-value.ts";
import { isJsonObject } from "./json-value.ts";
import { proxyAddressesOf, textOf, type UserRecord, type UserValues } from "./user-record.ts";

/** Lookups over the users that are not deleted. */
export interface UserIndex {
  add(record: UserRecord): void;
  remove(record: UserRecord): void;
  byUpn(upn: string): UserRecord | undefined;
  /** Who owns a mail or proxy address, given without `smtp:`. */
  byAddress(address: string): UserRecord | undefined;
  /** Users whose stored text equals `value`, any case; `path` may be nested with "/". */
  byValue(path: string, value: string): Iterable<UserRecord>;
}

/** The stored value at a path such as `onPremisesExtensionAttributes/extensionAttribute1`. */
export function valueAt(values: UserValues, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = values;
  for (const name of path.split("/")) value = isJsonObject(value) ? value[name] : undefined;
  return value;
}

/** Addresses of a user in the form uniqueness is judged by. */
export function foldedAddresses(values: UserValues): string[] {
  return proxyAddressesOf(values).map((address) => address.replace(/^smtp:/i, "").toLowerCase());
}

/** An empty index; `all` is scanned once for each property that is filtered by for the first time. */
export function createUserIndex(all: () => Iterable<UserRecord>): UserIndex {
  const upns = new Map<string, UserRecord>();
  const addresses = new Map<string, UserRecord>();
  const byPath = new Map<string, Map<string, Set<UserRecord>>>();

  const put = (
    index: Map<string, Set<UserRecord>>,
    path: string,
    record: UserRecord,
    present: boolean,
  ): void => {
    const value = valueAt(record.values, path);
    if (typeof value !== "string") return;
    const key = value.toLowerCase();
    const holders = index.get(key);
    if (!present) {
      holders?.delete(record);
      if (holders?.size === 0) index.delete(key);
    } else if (holders === undefined) index.set(key, new Set([record]));
    else holders.add(record);
  };

  const build = (path: string): Map<string, Set<UserRecord>> => {
    const index = new Map<string, Set<UserRecord>>();
    for (const record of all()) put(index, path, record, true);
    byPath.set(path, index);
    return index;
  };

  return {
    add(record) {
      upns.set(textOf(record.values, "userPrincipalName").toLowerCase(), record);
      for (const address of foldedAddresses(record.values)) addresses.set(address, record);
      for (const [path, index] of byPath) put(index, path, record, true);
    },
    remove(record) {
      upns.delete(textOf(record.values, "userPrincipalName").toLowerCase());
      for (const address of foldedAddresses(record.values)) addresses.delete(address);
      for (const [path, index] of byPath) put(index, path, record, false);
    },
    byUpn: (upn) => upns.get(upn.toLowerCase()),
    byAddress: (address) => addresses.get(address.toLowerCase()),
    byValue(path, value) {
      if (path === "userPrincipalName") {
        const record = upns.get(value.toLowerCase());
        return record === undefined ? [] : [record];
      }
      return (byPath.get(path) ?? build(path)).get(value.toLowerCase()) ?? [];
    },
  };
}
