import { abortable } from "../engine.js";
import { currentPlatform } from "../platform.js";
import { clampDelay } from "../timers.js";
import { aesGcm, pbkdf2, rsaOaep, sha256 } from "./crypto.js";
import type { Core, Host } from "./glue.js";
import { TOO_LARGE, type Transport } from "./transport.js";

// getRandomValues refuses longer buffers.
const RANDOM_CHUNK = 65_536;

/** The number of causes that are kept: more than calls that fail at the same time. */
const MAX_CAUSES = 256;

/** The engine of a {@link WasmHost}, which receives the module's messages. */
export interface EngineSide {
  /** Enters the module, and handles a panic. */
  enter(action: (core: Core) => void): void;
  settle(call: number, ok: boolean, text: string, attachments: Uint8Array[]): void;
  panicked(location: string): void;
}

/**
 * The functions that the module imports: HTTP, timers, WebCrypto.
 *
 * The module must not be entered again while it calls one of these methods. Therefore other people's code, such as a
 * caller's `fetch` or an abort listener, runs only in a later microtask.
 */
export class WasmHost implements Host {
  readonly #transport: Transport;
  readonly #engine: EngineSide;
  /** The functions that cancel the operations in flight. */
  readonly #cancels = new Map<number, () => void>();
  /** The errors of the requests that failed most recently, by operation. */
  readonly #causes = new Map<number, unknown>();

  constructor(transport: Transport, engine: EngineSide) {
    this.#transport = transport;
    this.#engine = engine;
  }

  http(
    operation: number,
    method: string,
    url: string,
    headers: string[],
    body: Uint8Array<ArrayBuffer> | undefined,
    timeoutMs: number,
  ): void {
    const controller = new AbortController();
    const timers = currentPlatform().runtime;
    const expire = () => controller.abort(TIMED_OUT);
    const timer = timers.setTimeout(expire, clampDelay(timeoutMs));
    this.#cancels.set(operation, () => {
      timers.clearTimeout(timer);
      Promise.resolve().then(() => controller.abort());
    });
    const { signal } = controller;
    const request = { method, url, headers: pairs(headers), body, signal };
    // In a microtask, because the module is still running. A caller's `fetch` may ignore the signal.
    const response = Promise.resolve().then(() => this.#transport.send(request));
    abortable(response, signal, () => {})
      .then(
        ({ status, headers, body }) =>
          this.#end(operation, (core) => core.httpDone(operation, status, headers, body)),
        (error: unknown) => {
          controller.abort(); // Ends a response that was not read completely.
          const kind = transportErrorKind(error);
          const { proxy } = this.#transport;
          this.#keep(operation, error);
          this.#end(operation, (core) => core.httpFailed(operation, kind, describe(error), proxy));
        },
      )
      .finally(() => timers.clearTimeout(timer));
  }

  sleep(operation: number, milliseconds: number): void {
    const wake = () => this.#end(operation, (core) => core.sleepDone(operation));
    const timers = currentPlatform().runtime;
    const timer = timers.setTimeout(wake, clampDelay(milliseconds));
    this.#cancels.set(operation, () => timers.clearTimeout(timer));
  }

  rsaOaepDecrypt(operation: number, jwk: string, data: Uint8Array<ArrayBuffer>): void {
    this.#compute(operation, rsaOaep("decrypt", jwk, data));
  }

  rsaOaepEncrypt(operation: number, jwk: string, data: Uint8Array<ArrayBuffer>): void {
    this.#compute(operation, rsaOaep("encrypt", jwk, data));
  }

  aesGcm(
    operation: number,
    usage: "encrypt" | "decrypt",
    key: Uint8Array<ArrayBuffer>,
    nonce: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): void {
    this.#compute(operation, aesGcm(usage, key.slice(), nonce.slice(), data.slice()));
  }

  composed(text: string): string {
    return text.normalize("NFC");
  }

  pbkdf2(
    operation: number,
    password: Uint8Array<ArrayBuffer>,
    salt: Uint8Array<ArrayBuffer>,
    iterations: number,
  ): void {
    this.#compute(operation, pbkdf2(password.slice(), salt.slice(), iterations));
  }

  sha256(operation: number, data: Uint8Array<ArrayBuffer>): void {
    this.#compute(operation, sha256(data));
  }

  cancel(operation: number): void {
    this.#cancels.get(operation)?.();
    this.#cancels.delete(operation);
  }

  /** Cancels every operation in flight. */
  cancelAll(): void {
    for (const operation of [...this.#cancels.keys()]) this.cancel(operation);
  }

  now(): number {
    return Date.now();
  }

  random(buffer: Uint8Array<ArrayBuffer>): void {
    const { crypto } = currentPlatform().runtime;
    for (let start = 0; start < buffer.length; start += RANDOM_CHUNK) {
      crypto.getRandomValues(buffer.subarray(start, start + RANDOM_CHUNK));
    }
  }

  settle(call: number, ok: boolean, text: string, attachments: Uint8Array[]): void {
    this.#engine.settle(call, ok, text, attachments);
  }

  panicked(location: string): void {
    this.#engine.panicked(location);
  }

  /** Returns the error of a request that failed. */
  cause(operation: number): unknown {
    return this.#causes.get(operation);
  }

  #keep(operation: number, cause: unknown): void {
    this.#causes.set(operation, cause);
    if (this.#causes.size <= MAX_CAUSES) return;
    for (const oldest of this.#causes.keys()) {
      this.#causes.delete(oldest);
      return;
    }
  }

  /** Reports the end of an operation to the module, unless it was cancelled. */
  #end(operation: number, report: (core: Core) => void): void {
    if (this.#cancels.delete(operation)) this.#engine.enter(report);
  }

  #compute(operation: number, work: Promise<ArrayBuffer>): void {
    this.#cancels.set(operation, () => {});
    work.then(
      (result) =>
        this.#end(operation, (core) => core.cryptoDone(operation, new Uint8Array(result))),
      () => this.#end(operation, (core) => core.cryptoDone(operation)),
    );
  }
}

const TIMED_OUT = new Error("the request timed out");

/** Node's error codes. Most other runtimes have none. */
const TRANSPORT_ERRORS: Record<string, string> = {
  ECONNREFUSED: "refused",
  ConnectionRefused: "refused", // Bun
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EHOSTUNREACH: "connect",
  ENETUNREACH: "connect",
  ETIMEDOUT: "connect",
  UND_ERR_CONNECT_TIMEOUT: "connect",
  ECONNRESET: "interrupted",
  EPIPE: "interrupted",
  UND_ERR_SOCKET: "interrupted",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  ERR_INVALID_URL: "invalid_request",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  CERT_HAS_EXPIRED: "tls",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls",
};

function transportErrorKind(error: unknown): string {
  if (error === TIMED_OUT) return "timeout";
  if (error === TOO_LARGE) return "too_large";
  const code = String(cause(error)?.code ?? "");
  return TRANSPORT_ERRORS[code] ?? (code.startsWith("ERR_SSL_") ? "tls" : "other");
}

function describe(error: unknown): string {
  const reason = cause(error)?.message;
  const message = (error as Error | undefined)?.message || reason || String(error);
  if (reason && reason !== message) return `${message}: ${reason}`;
  return isFailedFetchOfBrowser(error) ? `${message} (${hiddenReason()})` : message;
}

/** Browsers throw one TypeError for all failures, so that pages cannot scan networks. Only they have an origin. */
function isFailedFetchOfBrowser(error: unknown): boolean {
  return (error as Error | undefined)?.name === "TypeError" && globalThis.origin !== undefined;
}

function hiddenReason(): string {
  return `browsers hide the reason: the server may be down, or it does not allow pages of ${globalThis.origin}, see CORS`;
}

interface Failure {
  code?: string;
  message?: string;
  cause?: Failure;
  /** One failure for each address, if a host has several. */
  errors?: Failure[];
}

function cause(error: unknown): Failure | undefined {
  const outer = error as Failure | undefined;
  return outer?.cause ?? outer?.errors?.[0] ?? outer;
}

function pairs(flat: string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) headers[flat[i] as string] = flat[i + 1] as string;
  return headers;
}
