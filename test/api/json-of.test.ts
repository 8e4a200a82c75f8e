// An answer and its schema: what the compiler refuses. Each line marked as an error is a test of its own for `tsc`.
import { expect, it } from "vitest";
import { z } from "zod";
import { jsonOf } from "../../src/api/json-of.ts";

const form = z.object({
  name: z.string(),
  tags: z.array(z.object({ id: z.int() })),
  state: z.union([z.object({ kind: z.literal("on") }), z.null()]),
  counts: z.partialRecord(z.enum(["a", "b"]), z.int()),
  free: z.unknown(),
  note: z.string().optional(),
});

const answer = jsonOf<typeof form>();

it("an answer is what the schema tells: no less, and no more", () => {
  const tags: readonly { readonly id: number }[] = [{ id: 1 }];
  const whole = { name: "x", tags, state: null, counts: { a: 1 }, free: { any: 1 } } as const;
  const more = { ...whole, tags: [{ id: 1, secret: "s" }] };
  expect(answer(200, whole)).toMatchObject({ status: 200, body: JSON.stringify(whole) });
  expect(answer(200, { ...whole, note: "n", state: { kind: "on" } }).status).toBe(200);
  const { name: _name, ...less } = whole;
  const refused = [
    // @ts-expect-error a name is missing
    answer(200, less),
    // @ts-expect-error a value is of another kind
    answer(200, { ...whole, name: 1 }),
    // @ts-expect-error a word that is not documented
    answer(200, { ...whole, state: { kind: "off" } }),
    // @ts-expect-error a name that is not documented, in a value that has it already
    answer(200, { ...whole, other: 1 }),
    // @ts-expect-error the same, deep inside
    answer(200, more),
  ];
  // Nothing is checked while it runs: that is the compiler's part.
  expect(refused.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});
