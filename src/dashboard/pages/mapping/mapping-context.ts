// What every form of the mapping shares: the draft as a document, what it is compared with, its faults, and how it is changed.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { at, isSame, type Json, type JsonObject, type Path } from "./json.ts";
import { type Schema, schemaAt } from "./schema.ts";

/** A fault that the app found: where, and what to do about it. */
export interface Fault {
  /** Dotted, such as `attributes.3.flow`. */
  readonly path: string;
  readonly message: string;
}

/** What is edited. The documents are complete with their defaults. */
export interface Mapping {
  readonly schema: Schema;
  readonly saved: JsonObject;
  readonly draft: JsonObject;
  readonly faults: readonly Fault[];
  readonly mayEdit: boolean;
  /** Sets the value at a place of the draft; undefined takes it away. */
  change(path: Path, value: Json | undefined): void;
}

/** Holds the mapping for the forms below. */
export const MappingContext = createContext<Mapping | null>(null);

/** The mapping that a form is about. */
export function useMapping(): Mapping {
  const mapping = useContext(MappingContext);
  if (mapping === null) throw new Error("a form of the mapping stands outside of it");
  return mapping;
}

/** One place of the draft. */
export interface Place {
  readonly value: Json | undefined;
  readonly schema: Schema | undefined;
  /** What the app says about exactly this place. */
  readonly faults: readonly string[];
  /** Not as it is saved. */
  readonly isChanged: boolean;
  set(value: Json | undefined): void;
}

/** The faults at a place; `below`: and of what is below it. */
export function faultsAt(
  faults: readonly Fault[],
  path: Path,
  { below = false }: { readonly below?: boolean } = {},
): string[] {
  const place = path.join(".");
  return faults
    .filter((fault) => fault.path === place || (below && fault.path.startsWith(`${place}.`)))
    .map(({ message }) => message);
}

/** The place at a path. */
export function useField(path: Path): Place {
  const { schema, saved, draft, faults, change } = useMapping();
  const value = at(draft, path);
  return {
    value,
    schema: schemaAt(schema, path),
    faults: faultsAt(faults, path),
    isChanged: !isSame(value, at(saved, path)),
    set: (next) => change(path, next),
  };
}
