/** The result of a method: JSON text, empty where there is none, and the bytes that it refers to. */
export interface Reply {
  text: string;
  attachments: Uint8Array[];
}

/** op-core for one client, whichever way it runs. Failures are {@link OpwireError}s. */
export interface Engine {
  /** Signs a client in and gives its id. */
  initClient(config: string, signal?: AbortSignal): Promise<string>;
  /** Runs a method. The invocation refers to the attachments. */
  invoke(invocation: string, attachments: Uint8Array[], signal?: AbortSignal): Promise<Reply>;
  /** Runs a method that needs neither client nor network. */
  invokeSync(invocation: string): string;
  /** Forgets a client and its keys. */
  releaseClient(id: string): void;
  /** Whether the engine broke down, and another one must take its place. */
  readonly broken: boolean;
  /** What it sends requests with, as the account's activity log shows it. */
  readonly requestLibrary: { requestLibraryName: string; requestLibraryVersion: string };
}

/** The signature of `fetch`, as far as opwire uses it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** What opwire passes to {@link Fetch}. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: ArrayBuffer;
  redirect: "manual";
  signal: AbortSignal;
}

/** What opwire reads of a response. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { forEach(callback: (value: string, name: string) => void): void };
  /** Read in place of `arrayBuffer` where it is there and the length of the response is not announced. */
  readonly body?: {
    getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> };
  } | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * Where the WebAssembly module comes from: its bytes, its address, or a `WebAssembly.Module`, which is typed as an object
 * for the sake of programs whose TypeScript does not know WebAssembly.
 */
export type WasmSource = ArrayBuffer | Uint8Array | URL | string | object;

/** How an engine is to be made. */
export interface EngineOptions {
  fetch?: Fetch;
  wasm?: WasmSource | PromiseLike<WasmSource>;
}

/** Follows `work`, but rejects with the signal's reason as soon as it is aborted, after calling `cancel`. */
export function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  cancel: () => void,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    const settled = () => signal.removeEventListener("abort", abort);
    work.then(resolve, reject).then(settled);
  });
}
