import { existsSync } from "node:fs";
import type { Engine, Reply } from "./engine.js";
import type { OpwireError } from "./errors.js";
import { newError, withCause } from "./failure.js";
import { AgentEngine, isAbsent } from "./node-agent.js";
import { AppEngine } from "./node-app.js";
import { loadLibrary, namedLibrary, places } from "./node-app-library.js";

/** Returns the engine of a client that a person approves. `library` is that of the public desktop app. */
export function desktopEngine(library: string | undefined): Engine {
  const named = namedLibrary(library);
  return named === undefined ? new DesktopEngine() : new AppEngine(loadLibrary(named));
}

/** The person's agent; if none listens, the public desktop app. */
class DesktopEngine implements Engine {
  readonly broken = false;
  #engine: Engine = new AgentEngine();

  get requestLibrary() {
    return this.#engine.requestLibrary;
  }

  async initClient(config: string, signal?: AbortSignal): Promise<string> {
    try {
      return await this.#engine.initClient(config, signal);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      const library = places().find((path) => existsSync(path));
      if (library === undefined) throw withPlaces(error);
      this.#engine = new AppEngine(loadLibrary(library));
    }
    const own = { ...JSON.parse(config), ...this.#engine.requestLibrary };
    return this.#engine.initClient(JSON.stringify(own), signal);
  }

  invoke(invocation: string, attachments: Uint8Array[], signal?: AbortSignal): Promise<Reply> {
    return this.#engine.invoke(invocation, attachments, signal);
  }

  invokeSync(invocation: string): string {
    return this.#engine.invokeSync(invocation);
  }

  releaseClient(id: string): void {
    this.#engine.releaseClient(id);
  }
}

function withPlaces(error: OpwireError): OpwireError {
  const message = `${error.message}; nor is the 1Password app installed, whose library would be ${places().join(" or ")}`;
  return withCause(newError(error.code, message, error), error.cause);
}
