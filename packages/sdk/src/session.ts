import { abortable, type Engine, type Reply } from "./engine.js";
import { newError } from "./failure.js";
import { ENTIRELY, hide } from "./hidden.js";
import type { Attachments, Invoker } from "./invoker.js";
import { currentPlatform, parseResult } from "./platform.js";
import { clampDelay } from "./timers.js";

/** How long a call may take, and what ends it early. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason, and its requests are aborted. */
  signal?: AbortSignal | undefined;
  /** The time for the whole call in milliseconds, all its requests and repeats together. */
  timeoutMs?: number | undefined;
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
  #underWay = 0;
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
    if (options.signal) currentPlatform().allowListeners?.(options.signal);
    return {
      invoke: async (name, parameters, attachments) => {
        const { text } = await within(options, (signal) =>
          this.#invoke(name, parameters, attachments, signal),
        );
        return parseResult(text);
      },
      invokeForBytes: async (name, parameters, attachments) => {
        const { attachments: results } = await within(options, (signal) =>
          this.#invoke(name, parameters, attachments, signal),
        );
        // The engine attaches what the method returns, and nothing else.
        const bytes = results[0] as Uint8Array;
        hide(bytes, ENTIRELY);
        return bytes;
      },
    };
  }

  /** Refuses new calls, and forgets the keys when those under way have ended. */
  close(): void {
    this.#closed = true;
    this.#releaseUnused();
  }

  async #invoke(
    name: string,
    parameters: Record<string, unknown>,
    attachments: Attachments | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    if (this.#closed) throw newError("ClientClosed", "the client is closed");
    this.#underWay += 1;
    try {
      const { engine, clientId } = await this.#connect(signal);
      const invocation = { clientId: Number(clientId), parameters: { name, parameters } };
      const text = JSON.stringify({ invocation });
      return await engine.invoke(text, attachments?.list ?? [], signal);
    } finally {
      this.#underWay -= 1;
      this.#releaseUnused();
    }
  }

  /** Signs in anew where that is needed. All calls share this; one that gives up waiting does not stop the others. */
  async #connect(signal?: AbortSignal): Promise<SignedIn> {
    if (this.#signedIn && !this.#signedIn.engine.broken) return this.#signedIn;
    this.#signingIn ??= this.#signIn().finally(() => {
      this.#signingIn = undefined;
    });
    return abortable(this.#signingIn, signal, () => {});
  }

  async #signIn(signal?: AbortSignal): Promise<SignedIn> {
    // Other clients may wait for the same module, so that its loading goes on.
    const engine = await abortable(this.#newEngine(), signal, () => {});
    const config = JSON.stringify({ ...this.#config, ...engine.requestLibrary });
    const signedIn = { engine, clientId: await engine.initClient(config, signal) };
    this.#signedIn = signedIn;
    this.#releaseUnused();
    return signedIn;
  }

  #releaseUnused(): void {
    if (!this.#closed || this.#underWay > 0 || !this.#signedIn) return;
    const { engine, clientId } = this.#signedIn;
    this.#signedIn = undefined;
    if (!engine.broken) engine.releaseClient(clientId);
  }
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
  const expired = () => newError("Timeout", "request timeout", { retryable: true });
  let reason: Error | undefined;
  const expire = () => controller.abort((reason = expired()));
  const timers = currentPlatform().runtime;
  const timer = timers.setTimeout(expire, clampDelay(timeoutMs));
  // A timer takes a millisecond at least, in which a call on this machine may be done.
  if (!(timeoutMs > 0)) expire();
  try {
    return await call(controller.signal);
  } catch (error) {
    // One that is made here has a stack that reaches to the caller.
    throw error === reason ? expired() : error;
  } finally {
    timers.clearTimeout(timer);
    signal?.removeEventListener("abort", forward);
  }
}
