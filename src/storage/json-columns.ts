// A JSON text over as many columns of a row as it needs.

// A string column holds 32,768 UTF-16 units (Microsoft: "Understanding the Table service data model"). A usual link has
// about 6,000; a hundred rows that flip, with their histories, have more than one column takes. 16,000 code points are at
// most 32,000 units, and no character is cut in two.
const PIECE = /[\s\S]{1,16000}/gu;

const columnOf = (name: string, index: number): string => (index === 0 ? name : `${name}${index}`);

/** The columns `name`, `name1`, `name2` and so on that hold the value. */
export function toJsonColumns(name: string, value: unknown): Record<string, string> {
  const pieces = JSON.stringify(value).match(PIECE) ?? [];
  return Object.fromEntries(pieces.map((piece, index) => [columnOf(name, index), piece]));
}

/** The value that {@link toJsonColumns} put there; throws where there is none. */
export function fromJsonColumns(name: string, row: Readonly<Record<string, unknown>>): unknown {
  let text = "";
  for (let index = 0; typeof row[columnOf(name, index)] === "string"; index += 1)
    text += row[columnOf(name, index)];
  return JSON.parse(text);
}
