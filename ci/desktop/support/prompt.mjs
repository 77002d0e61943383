// A prompt that is open, shown by the program crates/op-agent/examples/prompt.rs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const PASSWORD = "correct horse";
const PROGRAM = process.env.PROMPT_BIN;
if (!PROGRAM) throw new Error("run ci/desktop/run");

/** What a program asks for. */
export const request = {
  id: 1,
  account: { name: "Acme", email: "wendy@example.com", address: "https://acme.example.com" },
  scope: { vaults: ["Development", "Staging servers"], readOnly: true },
  program: {
    process: { pid: 48211, executable: "/usr/bin/node", name: "node" },
    ancestors: [
      { pid: 48100, executable: "/usr/bin/bash", name: "bash" },
      { pid: 2201, executable: "/usr/bin/tmux", name: "tmux: server" },
    ],
    folder: "/home/wendy/shop/deploy",
    terminal: "/dev/pts/3",
    sandbox: null,
  },
  claims: {
    name: "Deploy script",
    version: "v1.4.0",
    arguments: ["node", "deploy.js", "--stage", "production"],
  },
  choices: [
    { kind: "process" },
    { kind: "terminal" },
    { kind: "ancestor", process: { pid: 48100, executable: "/usr/bin/bash", name: "bash" } },
  ],
  locked: false,
  proof: "password",
  timeoutMs: 60_000,
};

/**
 * Asks by a prompt. `words` are the program's arguments.
 *
 * @returns what is printed: `asks` comes first, or `unavailable`, and then the decision
 */
export function ask(words, { change = {}, env = {}, command = [] } = {}) {
  const [program, ...args] = [...command, PROGRAM, ...words];
  const variables = { ...process.env, ...env };
  const child = spawn(program, args, { env: variables, stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  const started = performance.now();
  child.stdin.write(`${JSON.stringify({ ...request, ...change })}\n`);
  return {
    pid: child.pid,
    line,
    started,
    /** When the prompt was asked to show itself. */
    async asks() {
      assert.equal(await line(), "asks");
      return performance.now();
    },
    async decision() {
      const decided = await line();
      child.stdin.end();
      await exited;
      return decided;
    },
    async withdraw() {
      child.stdin.end();
      const decided = await line();
      return { decided, exited };
    },
  };
}
