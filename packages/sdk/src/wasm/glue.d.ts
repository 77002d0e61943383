// The shape of glue.js, which ci/build-wasm-js makes of wasm-bindgen's output.

/** `Core` of wasm/js. Methods throw a string for an error of the core; anything else thrown ends the instance. */
export interface Core {
  initClient(call: number, config: string): void;
  invoke(call: number, invocation: string): void;
  cancel(call: number): void;
  invokeSync(invocation: string): string;
  releaseClient(id: string): void;
  httpDone(operation: number, status: number, headers: string[], body: Uint8Array): void;
  httpFailed(operation: number, kind: string, message: string): void;
  sleepDone(operation: number): void;
  rsaDone(operation: number, result?: Uint8Array): void;
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
  cancel(operation: number): void;
  now(): number;
  random(buffer: Uint8Array<ArrayBuffer>): void;
  settle(call: number, ok: boolean, text: string): void;
  panicked(location: string): void;
}

/** Makes a new instance of the module, with state that it shares with no other. */
export function instantiate(module: WebAssembly.Module): { Core: new (host: Host) => Core };
