import { abortable, type Engine, type Reply } from "../engine.js";
import type { OpwireError } from "../errors.js";
import { fromEngine, internalError } from "../failure.js";
import { currentPlatform } from "../platform.js";
import { type Core, instantiate } from "./glue.js";
import { WasmHost } from "./host.js";
import type { Transport } from "./transport.js";

interface Call {
  resolve(reply: Reply): void;
  /** Takes the core's error as text, or the error that made the engine unusable. */
  reject(failure: unknown): void;
}

/**
 * op-core in its own WebAssembly instance. docs/decisions/0015 says why.
 *
 * A panic leaves the instance in an unknown state. The engine then fails every call in flight, is `broken`, and never
 * enters the instance again.
 */
export class WasmEngine implements Engine {
  readonly requestLibrary: Engine["requestLibrary"];
  readonly #core: Core;
  readonly #host: WasmHost;
  readonly #calls = new Map<number, Call>();
  #lastCall = 0;
  #panicLocation = "";
  #breakdown: OpwireError | undefined;

  constructor(module: WebAssembly.Module, transport: Transport) {
    this.requestLibrary = {
      requestLibraryName: transport.library,
      requestLibraryVersion: transport.version,
    };
    this.#host = new WasmHost(transport, {
      enter: (action) => this.#report(action),
      settle: (call, ok, text, attachments) => this.#settle(call, ok, text, attachments),
      panicked: (location) => {
        this.#panicLocation = location;
      },
    });
    this.#core = new (instantiate(module, currentPlatform().runtime).Core)(this.#host);
  }

  get broken(): boolean {
    return this.#breakdown !== undefined;
  }

  async initClient(config: string, signal?: AbortSignal): Promise<string> {
    const { text } = await this.#call(signal, (core, call) => core.initClient(call, config));
    return text;
  }

  invoke(invocation: string, attachments: Uint8Array[], signal?: AbortSignal): Promise<Reply> {
    return this.#call(signal, (core, call) => core.invoke(call, invocation, attachments));
  }

  invokeSync(invocation: string): string {
    return this.#enter((core) => core.invokeSync(invocation));
  }

  releaseClient(id: string): void {
    this.#enter((core) => core.releaseClient(id));
  }

  #call(
    signal: AbortSignal | undefined,
    start: (core: Core, call: number) => void,
  ): Promise<Reply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const call = this.#nextCall();
    const result = new Promise<Reply>((resolve, reject) =>
      this.#calls.set(call, { resolve, reject }),
    );
    this.#report((core) => start(core, call));
    // The stack of an error that is made here includes the code that awaits the call.
    const settled = result.catch((failure: unknown) => {
      throw typeof failure === "string"
        ? fromEngine(failure, (id) => this.#host.cause(id))
        : failure;
    });
    return abortable(settled, signal, () => {
      if (this.#calls.delete(call)) this.#report((core) => core.cancel(call));
    });
  }

  #nextCall(): number {
    this.#lastCall = (this.#lastCall + 1) >>> 0;
    return this.#lastCall;
  }

  #settle(call: number, ok: boolean, text: string, attachments: Uint8Array[]): void {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (ok) waiting?.resolve({ text, attachments });
    else waiting?.reject(text);
  }

  /** Enters the module when no caller waits for the result. A panic fails the calls in flight. */
  #report(action: (core: Core) => void): void {
    try {
      this.#enter(action);
    } catch (error) {
      for (const call of this.#calls.values()) call.reject(error);
      this.#calls.clear();
    }
  }

  #enter<T>(action: (core: Core) => T): T {
    if (this.#breakdown) throw this.#breakdown;
    try {
      return action(this.#core);
    } catch (error) {
      if (typeof error === "string") throw fromEngine(error);
      throw this.#breakDown(error);
    }
  }

  #breakDown(cause: unknown): OpwireError {
    const place = this.#panicLocation && ` at ${this.#panicLocation}`;
    this.#breakdown = internalError(
      `the engine stopped unexpectedly${place}; the next call starts it again`,
      cause,
    );
    this.#host.cancelAll();
    for (const call of this.#calls.values()) call.reject(this.#breakdown);
    this.#calls.clear();
    return this.#breakdown;
  }
}
