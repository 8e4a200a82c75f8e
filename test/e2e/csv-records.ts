// Reads a CSV file as RFC 4180 has it, and refuses whatever that does not allow: what we write must be read by others.

/** Fields line by line; throws at a quote that does not belong, and at a lone CR or LF outside quotes. */
function linesOf(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = "";
    if (text[at] === '"') {
      const quoted = /"((?:[^"]|"")*)"/y;
      quoted.lastIndex = at;
      const found = quoted.exec(text);
      if (found === null) throw new Error(`an open quote at ${at}`);
      field = (found[1] ?? "").replaceAll('""', '"');
      at = quoted.lastIndex;
    } else {
      const plain = /[^",\r\n]*/y;
      plain.lastIndex = at;
      field = plain.exec(text)?.[0] ?? "";
      at = plain.lastIndex;
    }
    line.push(field);
    if (text[at] === ",") {
      at += 1;
      // A comma at the very end is followed by one more field.
      if (at === text.length) throw new Error("the file ends within a line");
      continue;
    }
    if (!text.startsWith("\r\n", at)) throw new Error(`neither a comma nor CRLF at ${at}`);
    at += 2;
    lines.push(line);
    line = [];
  }
  return lines;
}

/** The records of a CSV file, by the names of its header line; each has every field. */
export function recordsOf(text: string): Record<string, string>[] {
  const [header = [], ...lines] = linesOf(text);
  return lines.map((fields) => {
    if (fields.length !== header.length)
      throw new Error(`${fields.length} fields of ${header.length}: ${fields.join("|")}`);
    return Object.fromEntries(header.map((name, at) => [name, fields[at] ?? ""]));
  });
}
