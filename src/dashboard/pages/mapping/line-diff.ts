// What changed between two texts, line by line: the longest common subsequence, after what is alike at both ends.

/** One line: in both texts, only in the first, or only in the second. */
export interface DiffLine {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** A stretch of lines that are alike and far from any change. */
export interface Skipped {
  readonly kind: "skipped";
  readonly lines: number;
}

// A table of more cells would hold up the page: then the middle is shown as wholly replaced.
const MAX_CELLS = 4_000_000;

const lines = (kind: DiffLine["kind"], texts: readonly string[]): DiffLine[] =>
  texts.map((text) => ({ kind, text }));

function middle(before: readonly string[], after: readonly string[]): DiffLine[] {
  const width = after.length + 1;
  if ((before.length + 1) * width > MAX_CELLS)
    return [...lines("gone", before), ...lines("new", after)];
  // longest[i * width + j]: how much the texts from line i and line j on have in common.
  const longest = new Uint32Array((before.length + 1) * width);
  const common = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      longest[i * width + j] =
        before[i] === after[j]
          ? common(i + 1, j + 1) + 1
          : Math.max(common(i + 1, j), common(i, j + 1));
  const found: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, next] = [before[i], after[j]];
    if (old !== undefined && old === next) {
      found.push({ kind: "same", text: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (next === undefined || common(i + 1, j) >= common(i, j + 1))) {
      found.push({ kind: "gone", text: old });
      i += 1;
    } else {
      found.push({ kind: "new", text: next ?? "" });
      j += 1;
    }
  }
  return found;
}

/** Every line of both texts, in order; what is gone stands before what takes its place. */
export function diffOf(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail))
    tail += 1;
  return [
    ...lines("same", a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...lines("same", a.slice(a.length - tail)),
  ];
}

/** The changes with some lines around each; longer stretches of what is alike are counted. */
export function aroundChanges(diff: readonly DiffLine[], context = 3): (DiffLine | Skipped)[] {
  const isNear = (index: number) =>
    diff
      .slice(Math.max(0, index - context), index + context + 1)
      .some(({ kind }) => kind !== "same");
  const shown: (DiffLine | Skipped)[] = [];
  diff.forEach((line, index) => {
    const last = shown.at(-1);
    if (isNear(index)) shown.push(line);
    else if (last?.kind === "skipped")
      shown.splice(-1, 1, { kind: "skipped", lines: last.lines + 1 });
    else shown.push({ kind: "skipped", lines: 1 });
  });
  return shown;
}
