// Writes Entra users through Graph v1.0: one request each, and one more for the manager, which is a reference.
import { randomInt } from "node:crypto";
import { z } from "zod";
import { NotFoundError, RejectedError, SyncFailure } from "../../rules/errors.ts";
import { isUuid } from "../../rules/matching.ts";
import type { AttributeValue } from "../../rules/users.ts";
import type { EntraWriter, NewEntraUser } from "../../sync/ports.ts";
import type { GraphClient } from "./client.ts";
import { parsed } from "./graph-reads.ts";
import { MANAGER, toGraphBody } from "./wire.ts";

/** What came of a create. */
export interface CreatedEntraUser {
  readonly objectId: string;
  /** Attributes that could not be written with it: the account is there, they are the next round's. */
  readonly unwritten: readonly string[];
}

/** The writer, whose create also says what it left to the next round. */
export interface EntraUserWriter extends EntraWriter {
  createUser(user: NewEntraUser): Promise<CreatedEntraUser>;
}

// Four classes, as Entra asks for three (facts: graph 1.1); ambiguous characters do not matter, nobody reads it.
const CLASSES = [
  "abcdefghijklmnopqrstuvwxyz",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "0123456789",
  "!#$%*+-_=?",
];

/** 32 characters from a cryptographic source, of all classes; given to Graph and forgotten. */
function randomPassword(): string {
  const all = CLASSES.join("");
  const letters = Array.from({ length: 28 }, () => all[randomInt(all.length)]);
  const oneOfEach = CLASSES.map((characters) => characters[randomInt(characters.length)]);
  return [...letters, ...oneOfEach].join("");
}

const userPath = (objectId: string): string => `/users/${encodeURIComponent(objectId)}`;

const managerRefused = (code: string, message: string, cause?: unknown): RejectedError =>
  new RejectedError(message, { system: "entra", code, attribute: MANAGER, cause });

/** The writer over one Graph client. */
export function createUserWrites(graph: GraphClient): EntraUserWriter {
  const isThere = async (objectId: string): Promise<boolean> => {
    try {
      await graph.call(graph.api(`${userPath(objectId)}?$select=id`).get());
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  };

  const removeManager = async (objectId: string): Promise<void> => {
    try {
      await graph.call(graph.api(`${userPath(objectId)}/manager/$ref`).delete());
    } catch (error) {
      // There is none.
      if (!(error instanceof NotFoundError)) throw error;
    }
  };

  const setManager = async (objectId: string, managerId: string): Promise<void> => {
    try {
      const reference = graph.userReference(managerId);
      await graph.call(graph.api(`${userPath(objectId)}/manager/$ref`).put(reference));
    } catch (error) {
      if (error instanceof RejectedError && error.code === "entraRefused") {
        throw managerRefused("managerRefused", "Entra refuses this manager", error);
      }
      if (!(error instanceof NotFoundError)) throw error;
      // The same 404 for the user and for the manager (facts: graph 1.2).
      if (!(await isThere(objectId))) throw error;
      throw managerRefused("managerNotFound", "the manager does not exist in Entra", error);
    }
  };

  const writeManager = async (objectId: string, value: AttributeValue): Promise<void> => {
    if (value === null || value === "") return removeManager(objectId);
    if (typeof value !== "string" || !isUuid(value))
      throw managerRefused("invalidValue", "manager takes an object id");
    return setManager(objectId, value);
  };

  // The account's id is worth more than its manager: Graph cannot be asked to create it again.
  const managerLeft = async (objectId: string, value: AttributeValue | undefined) => {
    if (value === undefined || value === null) return [];
    try {
      await writeManager(objectId, value);
      return [];
    } catch (error) {
      if (error instanceof SyncFailure) return [MANAGER];
      throw error;
    }
  };

  return {
    createUser: async ({ userPrincipalName, mailNickname, values }) => {
      const body = {
        ...toGraphBody(values),
        userPrincipalName,
        mailNickname,
        passwordProfile: { password: randomPassword(), forceChangePasswordNextSignIn: true },
      };
      const created = await graph.call(graph.api("/users").post(body));
      const { id: objectId } = parsed(z.object({ id: z.guid() }), created);
      return { objectId, unwritten: await managerLeft(objectId, values[MANAGER]) };
    },
    updateUser: async (objectId, values) => {
      const body = toGraphBody(values);
      if (Object.keys(body).length > 0) await graph.call(graph.api(userPath(objectId)).patch(body));
      const manager = values[MANAGER];
      if (manager !== undefined) await writeManager(objectId, manager);
    },
    deleteUser: async (objectId) => {
      try {
        await graph.call(graph.api(userPath(objectId)).delete());
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    },
    restoreUser: async (objectId) => {
      const path = `/directory/deletedItems/${encodeURIComponent(objectId)}/restore`;
      await graph.call(graph.api(path).post({}));
    },
  };
}
