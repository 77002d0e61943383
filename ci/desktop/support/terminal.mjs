// A terminal in tmux, in which nothing else runs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 60_000;

/** Opens a terminal. `command` runs in it; by default it only exists. */
export async function openTerminal({
  width = 80,
  height = 30,
  command = "exec sleep 600",
  env = {},
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), "opwire-terminal-"));
  const socket = join(folder, "socket");
  const file = join(folder, "tty");
  const tmux = (...args) =>
    execFileSync("tmux", ["-f", "/dev/null", "-S", socket, ...args], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8", ...env },
    });
  const size = ["-x", String(width), "-y", String(height)];
  tmux("new-session", "-d", ...size, `tty >'${file}.new'; mv '${file}.new' '${file}'; ${command}`);
  await until(() => existsSync(file), "the terminal did not open");
  const terminal = {
    device: readFileSync(file, "utf8").trim(),
    screen: (...options) => tmux("capture-pane", "-p", ...options),
    keys: (...keys) => tmux("send-keys", ...keys),
    type: (text) => tmux("send-keys", "-l", text),
    async shows(text) {
      await until(
        () => terminal.screen().includes(text),
        () => `the terminal does not show “${text}”:\n${terminal.screen()}`,
      );
    },
    close() {
      tmux("kill-server");
      rmSync(folder, { recursive: true });
    },
  };
  return terminal;
}

export async function until(isTrue, why) {
  for (const start = performance.now(); !isTrue(); await sleep(5)) {
    if (performance.now() - start > PATIENCE_MS) assert.fail(typeof why === "string" ? why : why());
  }
}
