// The app's HTTP functions as their sources declare them.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ObjectExpression, parseSync, Visitor } from "oxc-parser";

const FOLDER = resolve(import.meta.dirname, "../../functions");

/** One function. */
export interface DeclaredHttpFunction {
  readonly name: string;
  readonly methods: readonly string[];
  readonly route: string;
  /** The text of the handler. */
  readonly handler: string;
  /** The first thing that the file waits for, as text; null where it waits for nothing. */
  readonly firstAwait: string | null;
}

function declaredIn(file: string): DeclaredHttpFunction[] {
  const source = readFileSync(join(FOLDER, file), "utf8");
  const text = ({ start, end }: { readonly start: number; readonly end: number }) =>
    source.slice(start, end);
  const awaits: string[] = [];
  const options: ObjectExpression[] = [];
  new Visitor({
    AwaitExpression: ({ argument }) => awaits.push(text(argument)),
    CallExpression: ({ callee, arguments: [, second] }) => {
      if (text(callee) === "app.http" && second?.type === "ObjectExpression") options.push(second);
    },
  }).visit(parseSync(file, source).program);
  return options.map(({ properties }) => {
    const optionOf = (name: string): string => {
      const found = properties.find((one) => one.type === "Property" && text(one.key) === name);
      if (found?.type !== "Property") throw new Error(`${file} does not say its ${name}`);
      return text(found.value);
    };
    return {
      name: file.replace(/\.ts$/, ""),
      methods: [...optionOf("methods").matchAll(/"(\w+)"/g)].map(([, method = ""]) => method),
      route: optionOf("route").replaceAll('"', ""),
      handler: optionOf("handler"),
      firstAwait: awaits[0] ?? null,
    };
  });
}

/** All of them. */
export const httpFunctions: readonly DeclaredHttpFunction[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".ts"))
  .flatMap(declaredIn);

/** What the site's console may call: its signature is the credential. */
export const SIGNED_BY_DRUPAL: readonly string[] = [
  "console-audit",
  "console-provision",
  "console-user",
];

/** What anyone may call: a signature is the credential, or what is told is told to anyone. */
export const OPEN_TO_ANYONE: readonly string[] = [
  ...SIGNED_BY_DRUPAL,
  "configuration-schema",
  "dashboard",
  "drupal-webhook",
  "health",
  "openapi",
  "session",
];
