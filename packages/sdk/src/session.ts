import { abortable, type Engine } from "./engine.js";
import { internalError, newError } from "./failure.js";
import type { Invoker } from "./invoker.js";
import { parseResult } from "./platform.js";

/** How long a call may take, and what ends it early. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason, and its requests are aborted. */
  signal?: AbortSignal;
  /** The time for the whole call in milliseconds, all its requests and repeats together. */
  timeoutMs?: number;
}

interface SignedIn {
  engine: Engine;
  clientId: string;
}

/** A signed-in client. When its engine breaks down, the next call signs in again on a new one. */
export class Session {
  readonly #newEngine: () => Promise<Engine>;
  readonly #config: object;
  #signedIn: SignedIn | undefined;
  #signingIn: Promise<SignedIn> | undefined;
  #closed = false;

  /** A session over engines that `newEngine` makes; `config` is the core's client configuration. */
  constructor(newEngine: () => Promise<Engine>, config: object) {
    this.#newEngine = newEngine;
    this.#config = config;
  }

  /** Signs in now rather than with the first call. */
  async open(options: CallOptions): Promise<void> {
    await within(options, (signal) => this.#signIn(signal));
  }

  /** What the generated classes call, with these options for each call. */
  invoker(options: CallOptions): Invoker {
    return {
      invoke: (name, parameters) =>
        within(options, (signal) => this.#invoke(name, parameters, signal)),
    };
  }

  /** Forgets the keys. Calls under way end as they would have, later ones are refused. */
  close(): void {
    this.#closed = true;
    if (this.#signedIn) release(this.#signedIn);
    this.#signedIn = undefined;
  }

  async #invoke(
    name: string,
    parameters: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<unknown> {
    // At once where that is possible, so that a call that was made before close() is under way.
    const { engine, clientId } = this.#ready() ?? (await this.#connect(signal));
    const invocation = { clientId: Number(clientId), parameters: { name, parameters } };
    return parseResult(await engine.invoke(JSON.stringify({ invocation }), signal));
  }

  #ready(): SignedIn | undefined {
    return this.#signedIn?.engine.broken ? undefined : this.#signedIn;
  }

  /** Signs in anew. All calls share this; one that gives up waiting does not stop the others. */
  #connect(signal?: AbortSignal): Promise<SignedIn> {
    if (this.#closed) return Promise.reject(internalError("the client is closed"));
    this.#signingIn ??= this.#signIn().finally(() => {
      this.#signingIn = undefined;
    });
    return abortable(this.#signingIn, signal, () => {});
  }

  async #signIn(signal?: AbortSignal): Promise<SignedIn> {
    const engine = await this.#newEngine();
    const config = JSON.stringify({ ...this.#config, ...engine.requestLibrary });
    const signedIn = { engine, clientId: await engine.initClient(config, signal) };
    if (this.#closed) release(signedIn);
    else this.#signedIn = signedIn;
    return signedIn;
  }
}

function release({ engine, clientId }: SignedIn): void {
  if (!engine.broken) engine.releaseClient(clientId);
}

/** Runs `call` with a signal that is aborted by the caller's, or when the time is over. */
async function within<T>(
  options: CallOptions,
  call: (signal?: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = options;
  if (timeoutMs === undefined) return call(signal);
  const controller = new AbortController();
  const forward = () => controller.abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener("abort", forward, { once: true });
  const expire = () =>
    controller.abort(newError("Timeout", "request timeout", { retryable: true }));
  const timer = setTimeout(expire, timeoutMs);
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", forward);
  }
}
