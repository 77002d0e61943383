import type { Fetch, FetchResponse } from "../engine.js";
import { MAX_RESPONSE_BYTES } from "../generated/constants.js";

/** A request of the engine. */
export interface Request {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | undefined;
  signal: AbortSignal;
}

/** A whole response; `headers` alternates names in lower case and values. */
export interface Response {
  status: number;
  headers: string[];
  body: Uint8Array;
}

/** What sends requests. */
export interface Transport {
  /** Its name, as the account's activity log shows it. */
  readonly library: string;
  readonly version: string;
  /** The proxy that it sends through, empty for none; left out where it does not tell. */
  readonly proxy?: string;
  /** Sends a request and reads its response. Follows no redirect, and reads no more than a response may be long. */
  send(request: Request): Promise<Response>;
}

/** Why a response is not read to its end. */
export const TOO_LARGE = new Error("the response is too large");

/** Requests by the caller's `fetch`, or by the global one of the moment. */
export function byFetch(own: Fetch | undefined): Transport {
  const send = async ({ url, method, headers, body, signal }: Request) => {
    const fetch = own ?? (globalThis.fetch as unknown as Fetch);
    const init = { method, headers, redirect: "manual" as const, signal };
    const response = await fetch(url, body ? { ...init, body: body.buffer } : init);
    // A browser hides where a redirect leads; the account server never redirects.
    if (response.status === 0) throw new Error("the server redirected the request");
    const received = new Map<string, string>();
    response.headers.forEach((value, name) => received.set(name, value));
    const whole = await readBody(response, received);
    return { status: response.status, headers: [...received].flat(), body: whole };
  };
  return { library: "Fetch API", version: "Fetch API", send };
}

/** The body, read no further than it may be long. */
async function readBody(
  response: FetchResponse,
  headers: Map<string, string>,
): Promise<Uint8Array> {
  const announced = headers.get("content-length");
  if (Number(announced) > MAX_RESPONSE_BYTES) throw TOO_LARGE;
  if (response.body && (announced === undefined || headers.has("content-encoding"))) {
    return readStream(response.body);
  }
  const body = new Uint8Array(await response.arrayBuffer());
  if (body.length > MAX_RESPONSE_BYTES) throw TOO_LARGE;
  return body;
}

async function readStream(stream: NonNullable<FetchResponse["body"]>): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); next.value; next = await reader.read()) {
    chunks.push(next.value);
    length += next.value.length;
    if (length > MAX_RESPONSE_BYTES) throw TOO_LARGE;
  }
  return joined(chunks, length);
}

/** The chunks of a body as one. */
export function joined(chunks: Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const body = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    body.set(chunk, end);
    end += chunk.length;
  }
  return body;
}
