// A JSON answer by its documented schema: the compiler holds the answer and the published contract together.
import type { HttpResponseInit } from "@azure/functions";
import type { z } from "zod";
import { json } from "./problem.ts";

/** A value that nobody changes: answers are made from such. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

type KeyOf<Form> = Form extends unknown ? keyof Form : never;
type At<Form, Key> = Form extends unknown ? (Key extends keyof Form ? Form[Key] : never) : never;

/** The body, with `never` under each name that the form does not have: assignability alone lets such names pass. */
type Documented<Body, Form> = unknown extends Form
  ? Body
  : Body extends readonly (infer Item)[]
    ? readonly Documented<Item, Extract<Form, readonly unknown[]>[number]>[]
    : Body extends object
      ? {
          readonly [Key in keyof Body]: Key extends KeyOf<Extract<Form, object>>
            ? Documented<Body[Key], At<Extract<Form, object>, Key>>
            : never;
        }
      : Body;

/**
 * Makes JSON answers of one schema, which no cache keeps. The schema is a type here, so that it costs nothing at a start:
 * a body that lacks something, or has something that is not documented, is a fault of the program, and the compiler's to find.
 */
export const jsonOf =
  <Schema extends z.ZodType>() =>
  <const Body extends Frozen<z.output<Schema>>>(
    status: number,
    body: Body & Documented<Body, Frozen<z.output<Schema>>>,
    headers: Record<string, string> = {},
  ): HttpResponseInit =>
    json(status, body, headers);
