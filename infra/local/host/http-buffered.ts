// Runs an HTTP function in buffered mode: the whole request goes in, the whole response comes out.

import type { IncomingCall } from "./http-message.ts";
import { joinHeaders, joinQuery, writeRpcResponse } from "./http-message.ts";
import type { InvocationResponse, InvokeRequest } from "./invoke.ts";

/** Reads the body, runs the function and writes its answer; 204 when it returned nothing. */
export async function runBuffered(
  call: IncomingCall,
  params: Readonly<Record<string, string>>,
  run: (request: Pick<InvokeRequest, "input">) => Promise<InvocationResponse>,
): Promise<void> {
  const { request, response, url } = call;
  // Trap of the real host (azure-functions-host #4926): without a Content-Length, as in a chunked
  // request, the body is not read at all and the function sees an empty one.
  const body =
    Number(request.headers["content-length"] ?? 0) > 0 ? await readAll(request) : undefined;
  if (!body) request.resume();
  const headers = Object.entries(joinHeaders(request.rawHeaders)).filter(
    ([, value]) => value !== "",
  );
  const { returnValue } = await run({
    input: {
      http: {
        method: request.method ?? "GET",
        url: url.href,
        nullableHeaders: wrap(Object.fromEntries(headers)),
        nullableQuery: wrap(joinQuery(url.searchParams)),
        nullableParams: wrap(params),
        ...(body ? { body: { bytes: body } } : {}),
      },
    },
  });
  if (returnValue?.http === undefined || returnValue.http === null) response.writeHead(204).end();
  else writeRpcResponse(response, returnValue.http);
}

const wrap = (values: Readonly<Record<string, string>>): Record<string, { value: string }> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
