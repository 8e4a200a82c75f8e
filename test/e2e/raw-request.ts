// Sends a request as it is written: a path that no client would send, headers that only a browser may set.
import { request } from "node:http";

/** What is sent. */
export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends it to a host; `path` is not normalised. */
export function rawRequest(host: string, path: string, sent: RawRequest = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(host);
  const { method = "GET", body = "" } = sent;
  const headers = {
    ...(body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    ...sent.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => {
        const got = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        resolve({ status: response.statusCode ?? 0, headers: new Headers(got), text });
      });
      response.once("error", reject);
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
