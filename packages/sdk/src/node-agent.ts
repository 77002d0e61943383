import { statSync } from "node:fs";
import type { Socket } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { abortable, type Engine, type Reply } from "./engine.js";
import type { OpwireError } from "./errors.js";
import { fromEngine, newError, withCause } from "./failure.js";
import { AgentUnavailableError, DesktopSessionExpiredError } from "./generated/errors.js";
import { type Answer, encodeFrame, FrameReader } from "./node-agent-frames.js";
import { VERSION } from "./version.js";

/** The id of the only client of a connection. */
const CLIENT_ID = "0";

/** Closes the connections of engines that are no longer reachable. */
const abandoned = new FinalizationRegistry<Connection>((connection) => connection.retire());

/** A sign-in, which the calls that wait for it share. */
interface SignIn {
  result: Promise<Connection>;
  /** Set when the sign-in has succeeded. */
  connection?: Connection;
  waiting: number;
  readonly controller: AbortController;
}

/**
 * The person's agent, which asks them and makes the calls. docs/agent.md describes its socket. The engine is never
 * broken: a call connects and signs in again if it has to.
 */
export class AgentEngine implements Engine {
  readonly broken = false;
  // The agent sends the requests.
  readonly requestLibrary = {
    requestLibraryName: "opwire-agent",
    requestLibraryVersion: VERSION,
  };
  #config = "";
  #signIn: SignIn | undefined;

  async initClient(config: string, signal?: AbortSignal): Promise<string> {
    this.#config = config;
    await this.#signedIn(signal);
    return CLIENT_ID;
  }

  async invoke(
    invocation: string,
    attachments: Uint8Array[],
    signal?: AbortSignal,
  ): Promise<Reply> {
    const connection = await this.#signedIn(signal);
    try {
      return await connection.request("invoke", invocation, attachments, signal);
    } catch (error) {
      if (!(error instanceof DesktopSessionExpiredError)) throw error;
    }
    connection.retire();
    const again = await this.#signedIn(signal);
    return again.request("invoke", invocation, attachments, signal);
  }

  invokeSync(): string {
    throw newError("InvalidInvocation", "the agent answers no call synchronously");
  }

  releaseClient(): void {
    this.#signIn?.connection?.retire();
  }

  /**
   * Returns a connection that is signed in. When all calls that wait for a sign-in have been cancelled, it is cancelled
   * too, which withdraws the prompt.
   */
  async #signedIn(signal: AbortSignal | undefined): Promise<Connection> {
    if (this.#signIn?.connection?.ended) this.#signIn = undefined;
    const signIn = (this.#signIn ??= this.#begin());
    if (signIn.connection) return signIn.connection;
    signIn.waiting += 1;
    try {
      return await abortable(signIn.result, signal, () => {});
    } finally {
      signIn.waiting -= 1;
      if (signIn.waiting === 0 && !signIn.connection) {
        signIn.controller.abort();
        if (this.#signIn === signIn) this.#signIn = undefined;
      }
    }
  }

  #begin(): SignIn {
    const controller = new AbortController();
    const result = Connection.open(this.#config, controller.signal).then((connection) => {
      abandoned.register(this, connection);
      return (signIn.connection = connection);
    });
    const signIn: SignIn = { result, waiting: 0, controller };
    return signIn;
  }
}

interface Call {
  resolve(reply: Reply): void;
  /** Takes the core's error as text, or an error. */
  reject(failure: unknown): void;
}

/** A connection to the agent. It does not keep the process alive while no call is in progress. */
class Connection {
  /** Whether it takes no more requests. */
  ended = false;
  readonly #socket: Socket;
  readonly #calls = new Map<number, Call>();
  #lastCall = 0;
  #failure: unknown;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const frames = new FrameReader((answer) => this.#settle(answer));
    socket.on("data", (chunk: Uint8Array) => {
      try {
        frames.push(chunk);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on("error", (error) => {
      this.#failure = error;
    });
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** Connects and signs in. */
  static async open(config: string, signal: AbortSignal): Promise<Connection> {
    const connection = new Connection(await connect(socketPath()));
    try {
      await connection.request("signIn", config, [], signal);
      return connection;
    } catch (error) {
      connection.retire();
      throw error;
    }
  }

  async request(
    kind: "signIn" | "invoke",
    text: string,
    attachments: Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    if (signal?.aborted) throw signal.reason;
    if (this.ended) throw this.#broke();
    const call = (this.#lastCall += 1);
    const frame = encodeFrame({ call, kind }, [Buffer.from(text), ...attachments]);
    const answer = new Promise<Reply>((resolve, reject) =>
      this.#calls.set(call, { resolve, reject }),
    );
    this.#socket.ref();
    this.#send(frame);
    // The stack of an error that is made here includes the code that awaits the call.
    const settled = answer.catch((failure: unknown) => {
      throw typeof failure === "string" ? fromEngine(failure) : failure;
    });
    return abortable(settled, signal, () => {
      this.#send(encodeFrame({ call, kind: "cancel" }, []));
      this.#take(call);
    });
  }

  /** Closes the connection once its calls have ended. */
  retire(): void {
    this.ended = true;
    if (this.#calls.size === 0) this.#socket.end();
  }

  #send(frame: Uint8Array[]): void {
    this.#socket.cork();
    for (const part of frame) this.#socket.write(part);
    this.#socket.uncork();
  }

  #settle({ call, ok, text, attachments }: Answer): void {
    const waiting = this.#take(call);
    if (ok) waiting?.resolve({ text, attachments });
    else waiting?.reject(text);
  }

  #take(call: number): Call | undefined {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (this.#calls.size > 0) return waiting;
    this.#socket.unref();
    if (this.ended) this.#socket.end();
    return waiting;
  }

  #end(): void {
    this.ended = true;
    for (const call of this.#calls.values()) call.reject(this.#broke());
    this.#calls.clear();
  }

  #broke(): OpwireError {
    return unavailable("the connection to it broke", this.#failure);
  }
}

async function connect(path: string): Promise<Socket> {
  checkOwner(path);
  // Loaded on demand, because most programs use a token.
  const { createConnection } = await import("node:net");
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const failed = (error: Error) => reject(unreachable(path, error));
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

/** Returns the path of the agent's socket. */
function socketPath(): string {
  const { OPWIRE_AGENT_SOCKET: named, XDG_RUNTIME_DIR: runtime } = process.env;
  if (named) return named;
  return runtime
    ? join(runtime, "opwire/agent.sock")
    : join(homedir(), ".config/opwire/agent.sock");
}

/** Refuses a socket that somebody else may have made. */
function checkOwner(path: string): void {
  const me = process.geteuid?.();
  if (me === undefined) throw unavailable("it does not run on this system");
  const folder = dirname(path);
  let owners;
  let mode;
  try {
    const { uid, mode: bits } = statSync(folder);
    [owners, mode] = [[uid, statSync(path).uid], bits];
  } catch (error) {
    throw unreachable(path, error as Error);
  }
  if (owners.some((owner) => owner !== me))
    throw unavailable(`${path} belongs to another user${sudoHint()}`);
  if ((mode & 0o077) !== 0)
    throw unavailable(`other users may enter ${folder}: close it with \`chmod 700\``);
}

/** Whether a sign-in failed because no agent listens, or because this system can have none. */
export function isAbsent(error: unknown): error is OpwireError {
  if (!(error instanceof AgentUnavailableError)) return false;
  return process.geteuid === undefined || isMissing(error.cause);
}

function isMissing(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

function unreachable(path: string, error: NodeJS.ErrnoException): OpwireError {
  const why = isMissing(error)
    ? `no agent listens on ${path}: start one with \`opwire agent\`${sudoHint()}`
    : `${path}: ${error.message}`;
  return unavailable(why, error);
}

function sudoHint(): string {
  return process.env["SUDO_USER"]
    ? "; this program runs by sudo, and the agent of the person does not serve root: run it without sudo"
    : "";
}

function unavailable(why: string, cause?: unknown): OpwireError {
  const error = newError("AgentUnavailable", `the agent cannot be reached: ${why}`, {
    retryable: true,
  });
  return cause === undefined ? error : withCause(error, cause);
}
