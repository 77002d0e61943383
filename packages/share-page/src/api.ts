// The requests of the person with the link.

import { CODES, ROUTES } from "./generated.js";
import type { Envelope } from "./keys.js";

const TIME_LIMIT_MS = 30_000;

/** Which share a request is about, and from which tab it comes. */
export interface Ticket {
  readonly uuid: string;
  readonly token: string;
  readonly ticket: string;
}

export type State = "active" | "expired" | "spent" | "revoked" | "ended";

export interface Status {
  readonly state: State;
  readonly sender: string;
  readonly account: string;
  readonly expiresAt: string;
  readonly now: string;
  readonly needsEmail: boolean;
  readonly needsPassword: boolean;
  readonly viewsLeft?: number;
  readonly isOpen: boolean;
  readonly files: number;
}

export interface Content {
  readonly encOverview: Envelope;
  readonly encDetails: Envelope;
  readonly templateUuid: string;
  readonly expiresAt: string;
  readonly now: string;
  readonly viewsLeft?: number;
}

/** The server refused a request. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    /** Seconds until the request may be sent again. */
    readonly retryAfter: number | undefined,
  ) {
    super(`refused with ${status}`);
  }

  /** Why the share cannot be opened any more; `undefined` for other refusals. */
  get state(): State | undefined {
    const states = {
      [CODES.expired]: "expired",
      [CODES.spent]: "spent",
      [CODES.revoked]: "revoked",
      [CODES.ended]: "ended",
    } as const;
    return (states as Record<number, State | undefined>)[this.code];
  }
}

/** There was no answer, or one that is not the server's. */
export class Unreachable extends Error {}

export function status(share: Ticket): Promise<Status> {
  return post(ROUTES.status, share);
}

export function sendCode(share: Ticket, email: string): Promise<void> {
  return post(ROUTES.code, { share, email });
}

export function verify(share: Ticket, email: string, code: string): Promise<void> {
  return post(ROUTES.verify, { share, email, code });
}

export function open(share: Ticket, passwordProof: string | undefined): Promise<Content> {
  return post(ROUTES.open, { share, passwordProof });
}

export function end(share: Ticket): Promise<void> {
  return post(ROUTES.end, share);
}

/** Requests the ciphertext of a file, from its byte `from`. */
export function fetchFile(
  share: Ticket,
  id: string,
  from: number,
  signal: AbortSignal,
): Promise<Response> {
  const authorization = `Share ${share.uuid}.${share.token}.${share.ticket}`;
  const headers: Record<string, string> = { authorization };
  if (from > 0) headers["range"] = `bytes=${from}-`;
  return request(ROUTES.file.replace("{file}", encodeURIComponent(id)), { headers, signal });
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIME_LIMIT_MS);
  try {
    const response = await request(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: controller.signal,
    });
    const text = await unlessCut(response.text());
    return (text === "" ? undefined : parsed(text)) as T;
  } finally {
    clearTimeout(timer);
  }
}

async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await unlessCut(
    fetch(path, { ...init, credentials: "omit", cache: "no-store", redirect: "error" }),
  );
  if (response.ok) return response;
  const text = await unlessCut(response.text());
  const after = Number(response.headers.get("retry-after") ?? NaN);
  const retryAfter = Number.isFinite(after) ? after : undefined;
  if (response.status >= 500) throw new Unreachable();
  let code = 0;
  try {
    code = Number(JSON.parse(text).errorCode);
  } catch {
    // Something between the server and the browser refused.
  }
  throw new Refused(response.status, code, retryAfter);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The page of a network's login, for example.
    throw new Unreachable();
  }
}

async function unlessCut<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch {
    throw new Unreachable();
  }
}
