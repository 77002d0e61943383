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

/** Sends requests. */
export interface Transport {
  /** Its name, as the account's activity log shows it. */
  readonly library: string;
  readonly version: string;
  /** The proxy that it sends through, empty for none; left out if that is unknown. */
  readonly proxy?: string;
  /** Sends a request and reads its response, up to the limit. It does not follow redirects. */
  send(request: Request): Promise<Response>;
}

/** The error for a response that exceeds the limit. docs/decisions/0021 says why. */
export const TOO_LARGE = new Error("the response is too large");

/** Returns a transport that uses the caller's `fetch`, or the global `fetch` at the time of the request. */
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

/** Reads the body, up to the limit. */
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

/** Concatenates the chunks of a body. */
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
