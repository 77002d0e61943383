// A person's agent, beside the one of the server, for tests that stop it or answer its questions.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { command } from "./server.mjs";

/** An agent with the account of a server that `ci/dev-agent` runs. Programs of this process find it. */
export class TestAgent {
  #agent;
  #approver;

  constructor(env) {
    const folder = mkdtempSync(join(tmpdir(), "opwire-agent-"));
    this.socket = join(folder, "run/agent.sock");
    this.env = { ...process.env, ...env, OPWIRE_AGENT_SOCKET: this.socket, XDG_STATE_HOME: folder };
    process.env.OPWIRE_AGENT_SOCKET = this.socket;
    after(async () => {
      await this.kill();
      this.#approver?.kill();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  async start() {
    this.#agent = this.#spawn("--prompt", "terminal");
    while (!existsSync(this.socket)) {
      if (this.#agent.exitCode !== null) throw new Error("the agent did not start");
      await sleep(10);
    }
  }

  async kill() {
    if (!this.#agent) return;
    await end(this.#agent, "SIGKILL");
    rmSync(this.socket, { force: true });
    this.#agent = undefined;
  }

  /** From now on, allows every program. */
  approve() {
    this.#approver = this.#spawn("approve", "--all");
  }

  /** Denies the next program. */
  denyNext() {
    const deny = spawn(command(), ["agent", "approve"], {
      env: this.env,
      stdio: ["pipe", "ignore", "ignore"],
    });
    deny.stdin.end("\n");
  }

  /** The agent stops, so that calls last until it goes on. */
  pause() {
    this.#agent.kill("SIGSTOP");
  }

  goOn() {
    this.#agent.kill("SIGCONT");
  }

  /** From now on, nobody answers. */
  async leave() {
    await end(this.#approver, "SIGTERM");
    this.#approver = undefined;
  }

  /** Runs `opwire agent` with these arguments, and returns what it prints. */
  run(...words) {
    const { status, stdout, stderr } = spawnSync(command(), ["agent", ...words], {
      env: this.env,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  #spawn(...words) {
    return spawn(command(), ["agent", ...words], { env: this.env, stdio: "ignore" });
  }
}

/** Ends a process, which may have ended by itself, as that which answers questions does when the agent ends. */
async function end(process, signal) {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill(signal);
  await once(process, "exit");
}
