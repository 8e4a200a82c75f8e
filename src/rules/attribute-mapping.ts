// The customer's page: which Entra attribute gets which value of a Drupal user. Pure; one bad value fails one attribute.
import type { AttributeRow } from "./configuration.ts";
import { faultOfEntraValue } from "./entra-limits.ts";
import { compileExpression } from "./expressions.ts";
import type { AttributeFailure } from "./plan.ts";
import type { Attributes, AttributeValue, DrupalUser } from "./users.ts";
import { canonical } from "./values.ts";

/** The values that the mapping asks for, and the attributes that it could not serve. */
export interface MappedAttributes {
  readonly values: Attributes;
  readonly failures: readonly AttributeFailure[];
}

type Source = { readonly value: AttributeValue } | { readonly absent: true };

function sourceOf(row: AttributeRow, user: DrupalUser, phase: "create" | "update"): Source {
  switch (row.kind) {
    case "constant":
      return { value: row.value };
    case "direct": {
      const value = user.attributes[row.drupal];
      return value === undefined ? { absent: true } : { value };
    }
    case "expression": {
      const compiled = compileExpression(row.expression);
      if (!compiled.ok) throw new TypeError(compiled.fault);
      // A linked user's value is not worked out from fields that we have lost sight of.
      const isBlind = compiled.fields.some((field) => user.attributes[field] === undefined);
      if (isBlind && phase === "update") return { absent: true };
      return { value: compiled.evaluate({ drupal: user.attributes }) };
    }
  }
}

// undefined: leave the target's value as it is.
function targetValue(row: AttributeRow, source: AttributeValue): AttributeValue | undefined {
  const value = canonical(source);
  if (value !== null)
    return typeof value === "string" && row.entra === "businessPhones" ? [value] : value;
  if (row.default !== undefined) return row.default;
  return row.whenEmpty === "clear" ? null : undefined;
}

/**
 * Maps a Drupal user to Entra attributes. `phase` is `create` for a new account and `update` for a linked one,
 * where rows with `apply: create` say nothing. A field that the service account cannot read is never read as
 * empty: its row is left out.
 */
export function mapAttributes(
  user: DrupalUser,
  rows: readonly AttributeRow[],
  phase: "create" | "update",
): MappedAttributes {
  const values: Record<string, AttributeValue> = {};
  const failures: AttributeFailure[] = [];
  for (const row of rows) {
    if (row.apply === "create" && phase === "update") continue;
    try {
      const source = sourceOf(row, user, phase);
      if ("absent" in source) continue;
      const value = targetValue(row, source.value);
      if (value === undefined) continue;
      const fault = faultOfEntraValue(row.entra, value);
      if (fault) failures.push({ attribute: row.entra, ...fault });
      else values[row.entra] = value;
    } catch {
      // The library's message quotes the value: it stays out of logs and audit.
      const message = `the expression for ${row.entra} has no result for this user`;
      failures.push({ attribute: row.entra, code: "expressionFailed", message });
    }
  }
  return { values, failures };
}
