// The Entra connector over real sockets, against the Graph simulator: keys, filters, failures by name.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGraphSimulator } from "../../../infra/local/graph/start-graph-simulator.ts";
import { createGraphClient } from "../../../src/connectors/entra/client.ts";
import { createEntraUsers } from "../../../src/connectors/entra/users.ts";
import {
  AccessError,
  AlreadyExistsError,
  NotFoundError,
  RejectedError,
  TransientError,
} from "../../../src/rules/errors.ts";

type Simulator = Awaited<ReturnType<typeof startGraphSimulator>>;
let graph: Simulator;
beforeAll(async () => {
  graph = await startGraphSimulator({ people: 0 });
});
afterAll(() => graph.close());

const MARKER = "onPremisesExtensionAttributes.extensionAttribute15";
const SELECT = ["displayName", "department", "mail", MARKER];

function connect(token = "local", baseUrl = graph.url, timeoutMs = 2000) {
  const options = {
    baseUrl: new URL(baseUrl),
    token: async () => token,
    timeoutMs,
    now: () => new Date(),
  };
  return createEntraUsers(createGraphClient(options), options.now);
}

async function control(patch: object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${graph.url}/_control`, {
    method: "PATCH",
    headers,
    body: JSON.stringify(patch),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

let made = 0;
async function create(
  values: Record<string, string | boolean | null> = {},
  name = `user${++made}`,
) {
  const userPrincipalName = `${name}@contoso.example`;
  const all = { displayName: name, accountEnabled: true, ...values };
  const { objectId } = await connect().createUser({
    userPrincipalName,
    mailNickname: "nick",
    values: all,
  });
  return { objectId, userPrincipalName };
}

describe("reading users", () => {
  it("gives the selected attributes, nested ones by path, empty ones as null", async () => {
    const { objectId } = await create({ department: "R&D", [MARKER]: "mark-1" });
    const user = await connect().getUser(objectId, SELECT);
    expect(user).toMatchObject({
      enabled: true,
      attributes: { department: "R&D", mail: null, [MARKER]: "mark-1" },
    });
  });

  it("finds names with the characters that break addresses", async () => {
    for (const name of ["o'neill", "guest_x.org#EXT#", "$dollar"]) {
      const { objectId, userPrincipalName } = await create({}, name).catch(() => ({
        objectId: null,
        userPrincipalName: name,
      }));
      if (objectId === null) continue; // a name that Graph refuses cannot be looked for
      const found = await connect().getUserByPrincipalName(userPrincipalName, []);
      expect(found?.objectId, name).toBe(objectId);
    }
    expect(await connect().getUserByPrincipalName("no#body+x%27@contoso.example", [])).toBeNull();
  });

  it("finds by mail, whatever an address may hold, and nobody else", async () => {
    const mails = [
      "ada+x@contoso.example",
      "a&b@contoso.example",
      "a#b@contoso.example",
      "o'neill@contoso.example",
      "50%25@contoso.example",
    ];
    for (const mail of mails) {
      const { objectId } = await create({ mail });
      const found = await connect().findUsers({ attribute: "mail", value: mail }, SELECT);
      expect(
        found.map((user) => user.objectId),
        mail,
      ).toEqual([objectId]);
    }
    await create({ mail: "chief@contoso.example" });
    const forged = "x%27%20or%20mail%20eq%20%27chief@contoso.example";
    expect(await connect().findUsers({ attribute: "mail", value: forged }, SELECT)).toEqual([]);
    const quoted = "x' or mail eq 'chief@contoso.example";
    expect(await connect().findUsers({ attribute: "mail", value: quoted }, SELECT)).toEqual([]);
  });

  it("finds by marker, which only the advanced engine can", async () => {
    const mark = crypto.randomUUID();
    const { objectId } = await create({ [MARKER]: mark });
    const found = await connect().findUsers({ attribute: MARKER, value: mark }, SELECT);
    expect(found.map((user) => user.objectId)).toEqual([objectId]);
  });

  it("knows members of groups that roles can be assigned to, also through other groups", async () => {
    const member = await create();
    const other = await create();
    const inner = crypto.randomUUID();
    const outer = crypto.randomUUID();
    await control({
      groups: [
        { id: outer, displayName: "Admins", isAssignableToRole: true, members: [inner] },
        { id: inner, displayName: "Inner", members: [member.objectId] },
      ],
    });
    expect(await connect().isPrivileged(member.objectId)).toBe(true);
    expect(await connect().isPrivileged(other.objectId)).toBe(false);
  });

  it("names the tenant's default domain first", async () => {
    expect((await connect().verifiedDomains())[0]).toBe("contoso.example");
  });
});

describe("writing users", () => {
  it("creates, changes nested and plain attributes, clears, disables and deletes", async () => {
    const { objectId } = await create({ department: "R&D" });
    await connect().updateUser(objectId, { department: null, displayName: "New", [MARKER]: "m" });
    await connect().updateUser(objectId, { accountEnabled: false });
    expect(await connect().getUser(objectId, SELECT)).toMatchObject({
      enabled: false,
      attributes: { department: null, displayName: "New", [MARKER]: "m" },
    });
    await connect().deleteUser(objectId);
    await connect().deleteUser(objectId);
    expect(await connect().getUser(objectId, SELECT)).toBeNull();
    await expect(connect().updateUser(objectId, { displayName: "x" })).rejects.toBeInstanceOf(
      NotFoundError,
    );
  });

  it("names what clashes: the name, or the mail that stands for a proxy address", async () => {
    const { userPrincipalName } = await create({ mail: "taken@contoso.example" });
    const clash = (name: string, mail: string) =>
      connect().createUser({
        userPrincipalName: name,
        mailNickname: "n",
        values: { displayName: "x", accountEnabled: true, mail },
      });
    const nameTaken = await clash(userPrincipalName.toUpperCase(), "free@contoso.example").catch(
      (error) => error,
    );
    expect(nameTaken).toBeInstanceOf(AlreadyExistsError);
    expect(nameTaken.attribute).toBe("userPrincipalName");
    const mailTaken = await clash("free.name@contoso.example", "taken@contoso.example").catch(
      (error) => error,
    );
    expect(mailTaken).toBeInstanceOf(AlreadyExistsError);
    expect(mailTaken.attribute).toBe("mail");
  });

  it("names the attribute that is refused", async () => {
    const { objectId } = await create();
    const error = await connect()
      .updateUser(objectId, { employeeId: "x".repeat(17) })
      .catch((one) => one);
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.attribute).toBe("employeeId");
  });
});

describe("failures", () => {
  const faulty = async (fault: object, work: () => Promise<unknown>) => {
    await control({ faults: [{ rate: 1, ...fault }] });
    try {
      return await work().then(
        () => null,
        (error: unknown) => error,
      );
    } finally {
      await control({ faults: [] });
    }
  };
  const read = () => connect("local", graph.url, 300).getUser(crypto.randomUUID(), []);

  it("that pass are transient, with the wait that Graph asks for", async () => {
    const error = await faulty({ kind: "status", status: 429, retryAfterSeconds: 7 }, read);
    expect(error).toMatchObject({ kind: "transient", code: "entraThrottled", retryAfterMs: 7000 });
    expect(await faulty({ kind: "status", status: 503 }, read)).toMatchObject({
      kind: "transient",
      code: "entraUnavailable",
    });
    expect(await faulty({ kind: "hang" }, read)).toMatchObject({
      kind: "transient",
      code: "entraUnreachable",
    });
    expect(await faulty({ kind: "dropBeforeCommit" }, read)).toBeInstanceOf(TransientError);
  });

  it("are sent once: repeating is the queue's work", async () => {
    const seen = async () => {
      const { counts } = (await (await fetch(`${graph.url}/_control/requests`)).json()) as {
        counts: Record<string, number>;
      };
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    };
    const before = await seen();
    await faulty({ kind: "status", status: 503 }, () => create());
    expect((await seen()) - before).toBeLessThanOrEqual(1);
  });

  it("of the token or of rights to read stop the job; of rights to write one user do not", async () => {
    const wrong = await connect("stolen")
      .getUser(crypto.randomUUID(), [])
      .catch((error) => error);
    expect(wrong).toBeInstanceOf(AccessError);
    await control({ tokens: [{ token: "reader", roles: ["User.Read.All"] }] });
    const { objectId } = await create();
    const write = await connect("reader")
      .updateUser(objectId, { displayName: "x" })
      .catch((error) => error);
    expect(write).toMatchObject({ kind: "rejected", code: "insufficientPrivileges" });
    await control({ tokens: [{ token: "photos", roles: ["ProfilePhoto.Read.All"] }] });
    const noRight = await connect("photos")
      .getUser(objectId, [])
      .catch((error) => error);
    expect(noRight).toMatchObject({ kind: "access", code: "graphPermissionMissing" });
  });

  it("never send the token to another origin, or over a redirect", async () => {
    const { createServer } = await import("node:http");
    let stolen = "";
    const thief = createServer((request, response) => {
      stolen += request.headers.authorization ?? "";
      response.end("{}");
    });
    await new Promise<void>((done) => thief.listen(0, "127.0.0.1", done));
    const address = thief.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const redirecting = createServer((_request, response) => {
      response.writeHead(302, { Location: `http://127.0.0.1:${port}/v1.0/users/x` }).end();
    });
    await new Promise<void>((done) => redirecting.listen(0, "127.0.0.1", done));
    const own = redirecting.address();
    const url = `http://127.0.0.1:${typeof own === "object" && own !== null ? own.port : 0}`;
    await expect(connect("secret", url).getUser(crypto.randomUUID(), [])).rejects.toBeInstanceOf(
      TransientError,
    );
    expect(stolen).toBe("");
    thief.close();
    redirecting.close();
  });
});
