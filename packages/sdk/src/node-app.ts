import { abortable, type Engine, type Reply } from "./engine.js";
import { configurationError, newError } from "./failure.js";
import { DesktopSessionExpiredError } from "./generated/errors.js";
import type { AppLibrary } from "./node-app-library.js";
import { decodeAnswer, encodeRequest, transportFailure } from "./node-app-messages.js";
import { withNumbers } from "./numbers.js";
import { within } from "./session.js";
import { VERSION } from "./version.js";

/** How long a call waits for the app, which may ask the person, unless `requestTimeoutMs` says otherwise. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** Ends the sessions of engines that are no longer reachable. */
const abandoned = new FinalizationRegistry<App>((app) => app.release());

/** The public desktop app, which asks the person and makes the calls. Its library is the transport. */
export class AppEngine implements Engine {
  readonly broken = false;
  // The app sends the requests.
  readonly requestLibrary = {
    requestLibraryName: "op_sdk_ipc_client",
    requestLibraryVersion: VERSION,
  };
  readonly #library: AppLibrary;
  #app: App | undefined;

  constructor(library: AppLibrary) {
    this.#library = library;
  }

  async initClient(config: string, signal?: AbortSignal): Promise<string> {
    this.#app = new App(this.#library, JSON.parse(config));
    abandoned.register(this, this.#app);
    return this.#app.signedIn(signal);
  }

  async invoke(
    invocation: string,
    attachments: Uint8Array[],
    signal?: AbortSignal,
  ): Promise<Reply> {
    if (!this.#app) throw newError("InvalidInvocation", "the client is not signed in");
    const text = await this.#app.invoke(invocation, attachments, signal);
    return { text, attachments: [] };
  }

  invokeSync(): string {
    throw newError("InvalidInvocation", "the app answers no call synchronously");
  }

  releaseClient(): void {
    this.#app?.release();
  }
}

/** The client configuration of the core. */
interface Config extends Record<string, unknown> {
  accountName: string;
  requestTimeoutMs?: number;
}

/** A sign-in, in progress or done, which the calls that need it share. */
interface SignIn {
  id: Promise<string>;
  done: boolean;
  /** When nobody waits for it any more. */
  until: number;
}

/** Returns an invocation of the client with this id. */
type Payload = (clientId: number) => string;

/** A client of the app. */
class App {
  readonly #library: AppLibrary;
  readonly #account: string;
  readonly #config: string;
  readonly #timeoutMs: number;
  #signIn: SignIn | undefined;

  constructor(library: AppLibrary, config: Config) {
    const { accountName, requestTimeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = refused(config);
    this.#library = library;
    this.#account = accountName;
    this.#config = JSON.stringify(rest);
    this.#timeoutMs = requestTimeoutMs;
  }

  /** Returns the client's id. Signs in unless that is done, or in progress. */
  signedIn(signal: AbortSignal | undefined): Promise<string> {
    return this.#within(signal, (signal) => abortable(this.#current().id, signal, () => {}));
  }

  /** Makes a call. If what the person approved has ended, signs in again, once. */
  invoke(
    invocation: string,
    attachments: Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const payload = (clientId: number) => {
      const { parameters } = JSON.parse(invocation).invocation;
      return withNumbers(JSON.stringify({ invocation: { clientId, parameters } }), attachments);
    };
    return this.#within(signal, (signal) => this.#invoke(payload, signal));
  }

  /** Ends the session. */
  release(): void {
    const signIn = this.#signIn;
    this.#signIn = undefined;
    // If it fails, the session ends with the program.
    signIn?.id.then((id) => this.#send("release_client", id)).catch(() => {});
  }

  /** Runs a call until its deadline. The library cannot cancel it, so that it goes on, and nobody waits for it. */
  #within<T>(
    signal: AbortSignal | undefined,
    run: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const late = `request timeout: the 1Password app did not answer within ${this.#timeoutMs / 1000} seconds`;
    return within({ signal, timeoutMs: this.#timeoutMs }, run, late);
  }

  async #invoke(payload: Payload, signal: AbortSignal | undefined): Promise<string> {
    const signIn = this.#current();
    try {
      return await this.#invokeAs(signIn, payload, signal);
    } catch (error) {
      if (!(error instanceof DesktopSessionExpiredError)) throw error;
    }
    // Nobody may wait any more, and the app would ask the person.
    signal?.throwIfAborted();
    if (this.#signIn === signIn) this.#signIn = undefined;
    return this.#invokeAs(this.#current(), payload, signal);
  }

  async #invokeAs(
    { id }: SignIn,
    payload: Payload,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const clientId = Number(await abortable(id, signal, () => {}));
    return abortable(this.#send("invoke", payload(clientId)), signal, () => {});
  }

  #current(): SignIn {
    const signIn = this.#signIn;
    // A sign-in that hangs is left behind, because the app may have been started again since.
    if (signIn && (signIn.done || Date.now() < signIn.until)) return signIn;
    const id = this.#send("init_client", this.#config).then(checkedId);
    const begun: SignIn = { id, done: false, until: Date.now() + this.#timeoutMs };
    id.then(
      () => (begun.done = true),
      () => {
        if (this.#signIn === begun) this.#signIn = undefined;
      },
    );
    return (this.#signIn = begun);
  }

  async #send(kind: "init_client" | "invoke" | "release_client", payload: string): Promise<string> {
    let answer;
    try {
      answer = await this.#library.sendMessage(encodeRequest(kind, this.#account, payload));
    } catch (error) {
      throw transportFailure(error);
    }
    return decodeAnswer(answer);
  }
}

function checkedId(id: string): string {
  if (/^\d+$/.test(id)) return id;
  throw newError("InvalidResponse", "the 1Password app answered a sign-in without an id");
}

/** Refuses what the app cannot do, so that nothing that a program asks for is ignored. */
function refused({ vaults, readOnly, maxRetries, cache, ...rest }: Config): Config {
  const scope = vaults !== undefined ? "vaults" : readOnly ? "readOnly" : undefined;
  if (scope) {
    throw configurationError(
      "the 1Password app cannot limit a program to some vaults, or to reading: leave `vaults` and `readOnly` out, or start the agent, which can: `opwire agent`",
      scope,
    );
  }
  const option =
    cache !== undefined ? "cache" : maxRetries !== undefined ? "maxRetries" : undefined;
  if (option) {
    throw configurationError(`the 1Password app has no ${option}: leave it out`, option);
  }
  return rest as Config;
}
