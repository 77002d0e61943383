import { type ClientConfiguration, coreConfig, DesktopAuth, engineOptions } from "./config.js";
import type { Engine, EngineOptions } from "./engine.js";
import { configurationError } from "./failure.js";
import { ClientApis } from "./generated/client.js";
import type { ItemOverview, ItemSearchParams } from "./generated/types.js";
import { currentPlatform } from "./platform.js";
import { searchItems } from "./search.js";
import { type CallOptions, Session } from "./session.js";

declare global {
  // TypeScript before 5.2 does not declare these symbols.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}

/** A signed-in client. Calls on it may run concurrently. */
export class Client extends ClientApis {
  readonly #session: Session;
  readonly #options: CallOptions;

  /** Use {@link createClient}. */
  constructor(session: Session, options: CallOptions = {}) {
    super(session.invoker(options));
    this.#session = session;
    this.#options = options;
  }

  /**
   * Returns a view of the same client that makes each call with these options. Added by opwire.
   *
   * @example
   * const item = await client.with({ signal, timeoutMs: 5_000 }).items.get(vaultId, itemId);
   */
  with(options: CallOptions): Client {
    return new Client(this.#session, options);
  }

  /**
   * Searches like `items.search`, and yields the items of each vault as they arrive. Several vaults are searched
   * concurrently. Leaving the loop cancels the requests that are in flight. Added by opwire.
   *
   * @example
   * for await (const item of client.searchItems({ username: "ada" })) console.log(item.title);
   */
  searchItems(params: ItemSearchParams = {}): AsyncGenerator<ItemOverview, void, undefined> {
    return searchItems(this, this.#options, params);
  }

  /**
   * Deletes the client's keys once the calls in flight have ended. Later calls are refused, also through the views that
   * {@link Client.with} returned. Added by opwire.
   */
  close(): void {
    this.#session.close();
  }

  /** Does the same as {@link Client.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Does the same as {@link Client.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/**
 * Signs in and returns the client.
 *
 * @throws {OpwireError} The configuration is malformed, or sign-in failed.
 */
export async function createClient(config: ClientConfiguration): Promise<Client> {
  const platform = currentPlatform();
  const session = new Session(() => newEngine(config), coreConfig(config, platform));
  await session.open(config.signal ? { signal: config.signal } : {});
  return new Client(session);
}

async function newEngine(config: ClientConfiguration): Promise<Engine> {
  const platform = currentPlatform();
  if (!(config.auth instanceof DesktopAuth)) return platform.engine(engineOptions(config));
  if (platform.desktopEngine) return platform.desktopEngine(config.auth.library);
  throw configurationError("DesktopAuth needs Node or Bun; pass a service account token", "auth");
}

/**
 * Loads the engine, for the methods that need no client, such as `Secrets.generatePassword`. On Node they work without
 * it; on the web, call it once before them. {@link createClient} loads the engine too. Added by opwire.
 *
 * @param wasm The WebAssembly module, if it cannot be loaded from its URL.
 */
export async function init(wasm?: EngineOptions["wasm"]): Promise<void> {
  await currentPlatform().init(wasm);
}
