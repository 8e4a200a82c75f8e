// Rows as newline-delimited JSON that streams: one object a line, for programs that read a large answer as it comes.
import { Readable } from "node:stream";
import type { HttpResponseInit } from "@azure/functions";
import { fileHeaders } from "./file-headers.ts";

// Lines are sent together: each piece of a stream costs a few steps of every layer on its way.
const PIECE = 16_384;

async function* piecesOf(rows: AsyncIterable<object>): AsyncGenerator<string> {
  let piece = "";
  for await (const row of rows) {
    piece += `${JSON.stringify(row)}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

/**
 * A file of JSON lines (ndjson.org), streamed as `rows` come, and read no further when nobody takes more. Should they fail, the
 * answer breaks off: it never looks complete.
 */
export function ndjsonResponse(filename: string, rows: AsyncIterable<object>): HttpResponseInit {
  return {
    status: 200,
    headers: fileHeaders(filename, "application/x-ndjson"),
    body: Readable.toWeb(Readable.from(piecesOf(rows), { objectMode: false })),
  };
}
