import { abortable, type Engine, type Reply } from "./engine.js";
import { newError } from "./failure.js";
import { ENTIRELY, hide } from "./hidden.js";
import type { Attachments, Invoker } from "./invoker.js";
import { fromNumbers } from "./numbers.js";
import { currentPlatform, parseResult } from "./platform.js";
import { clampDelay } from "./timers.js";

/** The options of a call. */
export interface CallOptions {
  /** Cancels the call when it is aborted: the call rejects with the signal's reason, and its requests are aborted. */
  signal?: AbortSignal | undefined;
  /** The timeout of the whole call, with all its requests and retries, in milliseconds. */
  timeoutMs?: number | undefined;
}

interface SignedIn {
  engine: Engine;
  clientId: string;
}

/** A signed-in client. If its engine becomes unusable, the next call signs in again with a new one. */
export class Session {
  readonly #newEngine: () => Promise<Engine>;
  readonly #config: object;
  #signedIn: SignedIn | undefined;
  #signingIn: Promise<SignedIn> | undefined;
  #underWay = 0;
  #closed = false;

  /** Makes a session that uses engines from `newEngine`; `config` is the core's client configuration. */
  constructor(newEngine: () => Promise<Engine>, config: object) {
    this.#newEngine = newEngine;
    this.#config = config;
  }

  /** Signs in. Without it, the first call does. */
  async open(options: CallOptions): Promise<void> {
    await within(options, (signal) => this.#signIn(signal));
  }

  /** Returns an invoker for the generated classes that makes each call with these options. */
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
        const { text, attachments: results } = await within(options, (signal) =>
          this.#invoke(name, parameters, attachments, signal),
        );
        // The only attachment of the reply is the method's result. The desktop app attaches nothing.
        const bytes = results[0] ?? fromNumbers(parseResult(text));
        hide(bytes, ENTIRELY);
        return bytes;
      },
    };
  }

  /** Refuses new calls, and deletes the keys when the calls in flight have ended. */
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

  /** Signs in if needed. All calls share the sign-in; a call that is cancelled does not cancel it for the others. */
  async #connect(signal?: AbortSignal): Promise<SignedIn> {
    if (this.#signedIn && !this.#signedIn.engine.broken) return this.#signedIn;
    this.#signingIn ??= this.#signIn().finally(() => {
      this.#signingIn = undefined;
    });
    return abortable(this.#signingIn, signal, () => {});
  }

  async #signIn(signal?: AbortSignal): Promise<SignedIn> {
    // Loading the module is not cancelled, because other clients may wait for it.
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

/** Runs `call` with a signal that is aborted when the caller's is, or when the timeout expires. */
export async function within<T>(
  options: CallOptions,
  call: (signal?: AbortSignal) => Promise<T>,
  expiry = "request timeout",
): Promise<T> {
  const { signal, timeoutMs } = options;
  if (timeoutMs === undefined) return call(signal);
  const controller = new AbortController();
  const forward = () => controller.abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener("abort", forward, { once: true });
  const expired = () => newError("Timeout", expiry, { retryable: true });
  let reason: Error | undefined;
  const expire = () => controller.abort((reason = expired()));
  const timers = currentPlatform().runtime;
  const timer = timers.setTimeout(expire, clampDelay(timeoutMs));
  // A timer takes at least a millisecond, and a local call may end sooner.
  if (!(timeoutMs > 0)) expire();
  try {
    return await call(controller.signal);
  } catch (error) {
    // The stack of an error that is made here includes the caller.
    throw error === reason ? expired() : error;
  } finally {
    timers.clearTimeout(timer);
    signal?.removeEventListener("abort", forward);
  }
}
