/** The result of a method: JSON text, empty if the method returns nothing, and the bytes that it refers to. */
export interface Reply {
  text: string;
  attachments: Uint8Array[];
}

/** op-core for one client, as a WebAssembly module or a native addon. Failures are {@link OpwireError}s. */
export interface Engine {
  /** Signs a client in and returns its id. */
  initClient(config: string, signal?: AbortSignal): Promise<string>;
  /** Runs a method. The invocation refers to the attachments. */
  invoke(invocation: string, attachments: Uint8Array[], signal?: AbortSignal): Promise<Reply>;
  /** Runs a method that needs neither client nor network. */
  invokeSync(invocation: string): string;
  /** Deletes a client and its keys. */
  releaseClient(id: string): void;
  /** Whether the engine is unusable and has to be replaced. */
  readonly broken: boolean;
  /** The library that sends the requests, as the account's activity log shows it. */
  readonly requestLibrary: { requestLibraryName: string; requestLibraryVersion: string };
}

/** The signature of `fetch`, as far as opwire uses it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** The request that opwire passes to {@link Fetch}. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: ArrayBuffer;
  redirect: "manual";
  signal: AbortSignal;
}

/** The members of a response that opwire reads. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { forEach(callback: (value: string, name: string) => void): void };
  /** Read instead of `arrayBuffer` if it is present and the response does not announce its length. */
  readonly body?: {
    getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> };
  } | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * The source of the WebAssembly module: its bytes, its URL, or a `WebAssembly.Module`, which is typed as an object for
 * programs whose TypeScript does not know WebAssembly.
 */
export type WasmSource = ArrayBuffer | Uint8Array | URL | string | object;

/** The options of an engine. */
export interface EngineOptions {
  fetch?: Fetch;
  wasm?: WasmSource | PromiseLike<WasmSource>;
}

/** Settles as `work` does, unless the signal is aborted first: then it calls `cancel` and rejects with the reason. */
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
