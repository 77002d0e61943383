// The prompt by polkit: a real one, with its agent for terminals, and another user than the one who runs the tests.
// `with-polkit` runs them.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./support/prompt.mjs";
import { openTerminal, until } from "./support/terminal.mjs";

const { POLKIT_ID, POLKIT_PASSWORD, PROMPT_BIN } = process.env;
const ACTION = "/usr/share/polkit-1/actions/org.opwire.agent.approve.policy";
const RULE = "/etc/polkit-1/rules.d/10-opwire-test.rules";

const folder = mkdtempSync(join(tmpdir(), "opwire-polkit-"));
// The user has to see the files in it.
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true }));
let number = 0;

const asUser = ["setpriv", `--reuid=${POLKIT_ID}`, `--regid=${POLKIT_ID}`, "--clear-groups"];
const install = (id) => execFileSync(PROMPT_BIN, ["install-polkit", id], { encoding: "utf8" });

/** Asks as the user. The program waits with its number until `begin`, so that an agent can register for it. */
function askAsUser(change) {
  const file = join(folder, `go${(number += 1)}`);
  const wait = ["sh", "-c", 'until [ -e "$0" ]; do sleep 0.02; done; exec "$@"', file];
  const asked = ask(["polkit"], { change, command: [...asUser, ...wait] });
  return Object.assign(asked, { begin: () => writeFileSync(file, "") });
}

/** Opens a terminal with polkit's agent for a process of the user. */
async function openAgent(pid) {
  const fifo = join(folder, `ready${pid}`);
  execFileSync("mkfifo", [fifo]);
  const agent = `pkttyagent --process ${pid} --notify-fd 9 9>'${fifo}'`;
  const opened = openTerminal({ command: `${asUser.join(" ")} ${agent}; sleep 600` });
  // Its end is closed once it is registered.
  const ready = execFileSync.bind(undefined, "cat", [fifo]);
  const terminal = await opened;
  ready();
  return terminal;
}

async function available() {
  const asked = askAsUser();
  asked.begin();
  const line = await asked.line();
  if (line === "asks") await asked.decision();
  return line === "asks";
}

/** polkit notices changes of its files by itself, a moment later. */
async function untilAvailable(expected) {
  for (let i = 0; (await available()) !== expected; i++) {
    assert.ok(i < 100, `the prompt is ${expected ? "not " : ""}available`);
    await sleep(100);
  }
}

test("it is not used until it is set up, and then only for that user", async () => {
  assert.equal(await available(), false);
  assert.equal(install("12345").trim(), ACTION);
  await untilAvailable(true);
  // Another user's action takes no texts of this one.
  const asked = askAsUser();
  const terminal = await openAgent(asked.pid);
  asked.begin();
  await asked.asks();
  assert.equal(await asked.decision(), "None");
  terminal.close();

  install(POLKIT_ID);
  install(POLKIT_ID);
  const owners = /owner">(.*)</.exec(readFileSync(ACTION, "utf8"))[1];
  assert.equal(owners, `unix-user:12345 unix-user:${POLKIT_ID}`);
});

test("the person reads who asks, and their password of the system allows", async (t) => {
  const asked = askAsUser();
  const terminal = await openAgent(asked.pid);
  asked.begin();
  const asks = await asked.asks();
  await terminal.shows("Password:");
  t.diagnostic(`on the screen after ${Math.round(performance.now() - asks)} ms`);
  const screen = terminal.screen("-S", "-");
  const texts = [
    "node wants to use the account Acme",
    '"Staging servers"',
    "/usr/bin/node",
    "48211",
    "started by: /usr/bin/bash < /usr/bin/tmux",
    "Deploy script v1.4.0",
    "The approval is for this process (node, 48211)",
  ];
  for (const text of texts) assert.ok(screen.includes(text), `“${text}” is missing:\n${screen}`);
  await sleep(800);
  terminal.type(POLKIT_PASSWORD);
  terminal.keys("Enter");
  assert.equal(await asked.decision(), "Some(Allow { choice: 0 })");
  terminal.close();
});

test("a wrong password allows nothing", async () => {
  const asked = askAsUser();
  const terminal = await openAgent(asked.pid);
  asked.begin();
  await asked.asks();
  await terminal.shows("Password:");
  terminal.type("battery staple");
  terminal.keys("Enter");
  assert.equal(await asked.decision(), "Some(Dismiss)");
  terminal.close();
});

// The agent for terminals only notices when a line is typed; those with windows close them.
test("a prompt that is withdrawn is taken from the agent that asks", async () => {
  const cancelled = "type='method_call',member='CancelAuthentication'";
  const monitor = spawn("dbus-monitor", ["--system", cancelled]);
  let seen = "";
  monitor.stdout.on("data", (text) => (seen += text));
  const asked = askAsUser();
  const terminal = await openAgent(asked.pid);
  asked.begin();
  await asked.asks();
  await terminal.shows("Password:");
  assert.equal((await asked.withdraw()).decided, "withdrawn");
  await until(() => seen.includes("CancelAuthentication"), "polkit still asks");
  monitor.kill();
  terminal.close();
});

test("other users cannot read what is asked", async () => {
  const asked = askAsUser();
  const terminal = await openAgent(asked.pid);
  asked.begin();
  await asked.asks();
  await terminal.shows("Password:");
  const processes = execFileSync("ps", ["-ww", "-e", "-o", "args"], { encoding: "utf8" });
  assert.ok(!processes.includes("Staging servers"), processes);
  await asked.withdraw();
  terminal.close();
});

test("without an agent of polkit in the session, the next prompt asks", async () => {
  const asked = askAsUser();
  asked.begin();
  await asked.asks();
  assert.equal(await asked.decision(), "None");
});

test("if the system allows it without asking, polkit proves nothing, and is not used", async () => {
  // In the JavaScript of 2009, which polkit's interpreter knows.
  const rule =
    'function (action) { return action.id === "org.opwire.agent.approve" ? "yes" : null; }';
  writeFileSync(RULE, `polkit.addRule(${rule});\n`);
  await untilAvailable(false);
  rmSync(RULE);
  await untilAvailable(true);
});
