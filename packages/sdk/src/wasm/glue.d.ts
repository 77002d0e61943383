import type { Runtime } from "../platform.js";

// The types of glue.js, which ci/build-wasm makes from the output of wasm-bindgen.

/** `Core` of wasm/js. Methods throw a string for an error of the core; any other exception ends the instance. */
export interface Core {
  initClient(call: number, config: string): void;
  invoke(call: number, invocation: string, attachments: Uint8Array[]): void;
  cancel(call: number): void;
  invokeSync(invocation: string): string;
  releaseClient(id: string): void;
  httpDone(operation: number, status: number, headers: string[], body: Uint8Array): void;
  httpFailed(operation: number, kind: string, message: string, proxy?: string): void;
  sleepDone(operation: number): void;
  cryptoDone(operation: number, result?: Uint8Array): void;
}

/** The host object of wasm/js. No method may call into the module before it returns. */
export interface Host {
  http(
    operation: number,
    method: string,
    url: string,
    headers: string[],
    body: Uint8Array<ArrayBuffer> | undefined,
    timeoutMs: number,
  ): void;
  sleep(operation: number, milliseconds: number): void;
  rsaOaepDecrypt(operation: number, jwk: string, data: Uint8Array<ArrayBuffer>): void;
  rsaOaepEncrypt(operation: number, jwk: string, data: Uint8Array<ArrayBuffer>): void;
  /** The views `key`, `nonce` and `data` are valid only during the call. */
  aesGcm(
    operation: number,
    usage: "encrypt" | "decrypt",
    key: Uint8Array<ArrayBuffer>,
    nonce: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): void;
  composed(text: string): string;
  /** The views `password` and `salt` are valid only during the call. */
  pbkdf2(
    operation: number,
    password: Uint8Array<ArrayBuffer>,
    salt: Uint8Array<ArrayBuffer>,
    iterations: number,
  ): void;
  /** The view `data` is valid only during the call. */
  sha256(operation: number, data: Uint8Array<ArrayBuffer>): void;
  cancel(operation: number): void;
  now(): number;
  random(buffer: Uint8Array<ArrayBuffer>): void;
  settle(call: number, ok: boolean, text: string, attachments: Uint8Array[]): void;
  panicked(location: string): void;
}

/** Makes a new instance of the module, which shares no state with others. */
export function instantiate(
  module: WebAssembly.Module,
  runtime: Pick<Runtime, "TextDecoder" | "TextEncoder">,
): { Core: new (host: Host) => Core };
