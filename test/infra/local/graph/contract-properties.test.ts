import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { EVENTUAL, errorOf, type Graph, newUser, startGraph } from "./graph-client.ts";

// The recorded table of user properties: lengths and filter operators hold as documented, property by property.
const file = new URL("../../../contract/graph-user-props.json", import.meta.url);
const { props } = z
  .object({
    props: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        maxLength: z.number().optional(),
        returned: z.string().optional(),
        filter: z.string().optional(),
        readOnly: z.boolean().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(file, "utf8")));

let graph: Graph;
let ada: string;
beforeAll(async () => {
  graph = await startGraph();
  ada = await graph.create("ada");
});
afterAll(() => graph.simulator.close());

const select = async (name: string): Promise<number> =>
  (await graph.send("GET", `/users/${ada}?$select=${name}`)).status;

test("each property can be selected, or is refused as not modelled, never ignored", async () => {
  const statuses = new Map<string, number>();
  for (const { name } of props) statuses.set(name, await select(name));
  expect(new Set(statuses.values())).toEqual(new Set([200, 501]));
  const modelled = [...statuses.values()].filter((status) => status === 200).length;
  console.log(`${modelled} of ${props.length} user properties are modelled`);
  expect(modelled).toBe(52);
});

test("the default set is the documented one; securityIdentifier is only in the types", async () => {
  const answer = await graph.send("GET", `/users/${ada}`);
  const documented = props.filter(({ returned }) => returned === "default").map(({ name }) => name);
  const shown = Object.keys(answer.body).filter((name) => !name.startsWith("@") && name !== "id");
  expect(shown.sort()).toEqual(documented.filter((name) => name !== "securityIdentifier").sort());
});

const textFor = (name: string, length: number): unknown => {
  if (name === "onPremisesExtensionAttributes") return { extensionAttribute7: "x".repeat(length) };
  if (name === "otherMails") return [`${"x".repeat(length - "@a.example".length)}@a.example`];
  return "x".repeat(length);
};

describe("lengths", () => {
  test.each(props.filter(({ maxLength }) => maxLength !== undefined))(
    "$name takes $maxLength characters and not one more",
    async ({ name, maxLength = 0 }) => {
      const patch = (length: number) =>
        graph.send("PATCH", `/users/${ada}`, { json: { [name]: textFor(name, length) } });
      expect((await patch(maxLength)).status).toBe(204);
      const tooLong = await patch(maxLength + 1);
      expect([tooLong.status, errorOf(tooLong).details?.[0]?.code]).toEqual([400, "InvalidValue"]);
    },
  );
});

test("what the table calls read-only cannot be set, on-premises extension attributes apart", async () => {
  const writable: string[] = [];
  for (const { name, readOnly } of props) {
    if (readOnly !== true || name === "onPremisesExtensionAttributes") continue;
    const answer = await graph.send("POST", "/users", { json: newUser("bob", { [name]: "x" }) });
    if (![400, 501].includes(answer.status)) writable.push(name);
  }
  expect(writable).toEqual([]);
});

const COLLECTIONS = ["businessPhones", "imAddresses", "otherMails", "proxyAddresses"];
const OPERATORS = ["eq", "ne", "ge", "le", "in", "startsWith", "endsWith", "not", "null", "count"];

const documentedOperators = (name: string, text: string): Set<string> => {
  const found = new Set<string>();
  const rest = text
    .replace(/\/\$count (eq|ne) [01]/g, "count")
    .replace(/(including )?(and )?(eq )?on null values/, "null");
  for (const operator of OPERATORS)
    if (new RegExp(`\\b${operator}\\b`).test(rest)) found.add(operator);
  // The advanced-query table has null for extension attributes, the type's text has not.
  if (name === "onPremisesExtensionAttributes") found.add("null");
  return found;
};

const filterFor = (path: string, type: string, operator: string): string => {
  const isCollection = COLLECTIONS.includes(path);
  const literal =
    type === "boolean" ? "true" : /DateTime$|HireDate$/.test(path) ? "2026-01-01T00:00:00Z" : "'x'";
  const item = isCollection ? "p" : path;
  const wrap = (inner: string): string => (isCollection ? `${path}/any(p:${inner})` : inner);
  switch (operator) {
    case "in":
      return wrap(`${item} in (${literal})`);
    case "startsWith":
    case "endsWith":
      return wrap(`${operator}(${item},'x')`);
    case "null":
      return `${path} eq null`;
    case "count":
      return `${path}/$count eq 0`;
    default:
      return wrap(`${item} ${operator} ${literal}`);
  }
};

// Selected and written, but their filters need forms of their own (tested with the queries) or are refused with 501.
const OTHER_FORMS = ["identities", "passwordProfile"];
const PATHS: Readonly<Record<string, string>> = {
  onPremisesExtensionAttributes: "onPremisesExtensionAttributes/extensionAttribute1",
  employeeOrgData: "employeeOrgData/division",
};

/** Pairs whose answer is not the documented one. */
const wrongPairs = async (prop: (typeof props)[number]): Promise<string[]> => {
  const { name, type, filter = "" } = prop;
  const allowed = documentedOperators(name, filter);
  const path = PATHS[name] ?? name;
  // `not` negates something the property can do.
  const base = filterFor(path, type, allowed.has("eq") ? "eq" : "ne");
  const wrong: string[] = [];
  for (const operator of OPERATORS) {
    const $filter = operator === "not" ? `not(${base})` : filterFor(path, type, operator);
    const query = new URLSearchParams({ $filter, $count: "true" });
    const { status } = await graph.send("GET", `/users?${query}`, { headers: EVENTUAL });
    if (status !== (allowed.has(operator) ? 200 : 400)) wrong.push(`${$filter}: ${status}`);
  }
  return wrong;
};

test("each property takes the documented filter operators and refuses the others", async () => {
  const wrong: string[] = [];
  let held = 0;
  for (const prop of props) {
    if (OTHER_FORMS.includes(prop.name) || (await select(prop.name)) !== 200) continue;
    wrong.push(...(await wrongPairs(prop)));
    held += OPERATORS.length;
  }
  console.log(`${held} pairs of property and operator held against the table`);
  expect(wrong).toEqual([]);
});
