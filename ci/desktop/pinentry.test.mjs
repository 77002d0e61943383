// The prompt by pinentry, with the one that draws in terminals.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { PASSWORD, ask, request } from "./support/prompt.mjs";
import { openTerminal, until } from "./support/terminal.mjs";

/** An approval within it does not count. */
const DEAD_TIME_MS = 700;

// Keys that are typed before a dialog appears are kept as they are.
const command = "stty raw -echo; exec sleep 600";

let terminal;
beforeEach(async () => (terminal = await openTerminal({ command, height: 45 })));
afterEach(() => terminal.close());

function askHere(change = {}) {
  return ask(["pinentry", "/usr/bin/pinentry-curses", terminal.device, "screen"], { change });
}

const onlyProcess = { choices: request.choices.slice(0, 1) };

async function typePassword(password) {
  await sleep(DEAD_TIME_MS + 100);
  terminal.type(password);
  terminal.keys("Enter");
}

test("one dialog says everything, and the password allows", async () => {
  const asked = askHere(onlyProcess);
  await terminal.shows("Password of wendy@example.com");
  const screen = terminal.screen();
  const texts = [
    "node wants to use the account Acme",
    "Development",
    "Staging servers",
    "wendy@example.com (https://acme.example.com)",
    "/usr/bin/node",
    "48211",
    "/home/wendy/shop/deploy",
    "/dev/pts/3",
    "/usr/bin/bash",
    "Deploy script v1.4.0",
    "node deploy.js --stage production",
    "10 minutes",
    "<Allow>",
    "<Deny>",
  ];
  for (const text of texts) assert.ok(screen.includes(text), `“${text}” is missing:\n${screen}`);
  const [known, claimed] = ["/home/wendy/shop", "Deploy script"].map((text) =>
    screen.indexOf(text),
  );
  const heading = screen.indexOf("which may be untrue");
  assert.ok(known < heading && heading < claimed, screen);

  await typePassword("battery staple");
  await terminal.shows("The password is wrong.");
  await typePassword("unreachable");
  await terminal.shows("the server cannot be reached");
  await typePassword(PASSWORD);
  await asked.asks();
  assert.equal(await asked.decision(), "Some(Allow { choice: 0 })");
});

test("the person chooses who gets the approval", async () => {
  const asked = askHere();
  await terminal.shows("<For this process>");
  terminal.keys("Tab", "Enter");
  await terminal.shows("all programs in this terminal (/dev/pts/3)?");
  terminal.keys("Tab", "Enter");
  await terminal.shows("all programs that bash (48100) starts?");
  terminal.keys("Enter");
  await terminal.shows("The approval is for all programs that bash (48100) starts");
  await typePassword(PASSWORD);
  await asked.asks();
  assert.equal(await asked.decision(), "Some(Allow { choice: 2 })");
});

test("the person denies", async () => {
  const first = askHere();
  await terminal.shows("<For this process>");
  terminal.keys("Tab", "Tab", "Enter");
  await first.asks();
  assert.equal(await first.decision(), "Some(Deny)");

  const asked = askHere(onlyProcess);
  await terminal.shows("Password of");
  terminal.keys("Tab", "Tab", "Enter");
  await asked.asks();
  assert.equal(await asked.decision(), "Some(Deny)");
});

test("what was typed before the dialog appeared allows nothing", async () => {
  await sleep(500);
  terminal.type(PASSWORD);
  terminal.keys("Enter");
  const asked = askHere(onlyProcess);
  await terminal.shows("too fast");
  terminal.keys("Tab", "Tab", "Enter");
  await asked.asks();
  assert.equal(await asked.decision(), "Some(Deny)");
});

test("where a button is enough, Enter denies", async () => {
  const change = { ...onlyProcess, proof: "click" };
  const denied = askHere(change);
  await terminal.shows("<Allow>");
  terminal.keys("Enter");
  await denied.asks();
  assert.equal(await denied.decision(), "Some(Deny)");

  const closed = askHere(change);
  await terminal.shows("<Allow>");
  terminal.keys("Tab", "Tab", "Enter");
  await closed.asks();
  assert.equal(await closed.decision(), "Some(Dismiss)");

  const allowed = askHere(change);
  await terminal.shows("<Allow>");
  await sleep(DEAD_TIME_MS + 100);
  terminal.keys("Tab", "Enter");
  await allowed.asks();
  assert.equal(await allowed.decision(), "Some(Allow { choice: 0 })");
});

test("a prompt that is withdrawn takes pinentry with it", async () => {
  const asked = askHere();
  await terminal.shows("<For this process>");
  const [child] = children(asked.pid);
  await asked.asks();
  assert.equal((await asked.withdraw()).decided, "withdrawn");
  await until(() => !isRunning(child), "pinentry still runs");
});

test("if pinentry dies, the next prompt asks", async () => {
  const asked = askHere();
  await terminal.shows("<For this process>");
  process.kill(children(asked.pid)[0], "SIGKILL");
  await asked.asks();
  assert.equal(await asked.decision(), "None");
});

test("a text that pinentry cannot hold is not cut: the next prompt asks", async () => {
  const vaults = Array.from({ length: 60 }, (_, index) => `Vault number ${index}`);
  const asked = askHere({ scope: { vaults, readOnly: false } });
  await asked.asks();
  assert.equal(await asked.decision(), "None");
});

test("long and hostile texts leave everything in place", async () => {
  const long = "x".repeat(2000);
  const claims = { name: `${long}\u001b[2J\n<b>`, version: "%0A", arguments: [long, long] };
  const asked = askHere({ ...onlyProcess, claims });
  await terminal.shows("Password of wendy@example.com");
  const screen = terminal.screen();
  for (const text of ["node wants to use the account Acme", "/usr/bin/node", "<Deny>"]) {
    assert.ok(screen.includes(text), `“${text}” is missing:\n${screen}`);
  }
  terminal.keys("Tab", "Tab", "Enter");
  await asked.asks();
  assert.equal(await asked.decision(), "Some(Deny)");
});

test("it is soon on the screen", async (t) => {
  const times = [];
  for (let i = 0; i < 5; i++) {
    const asked = askHere(onlyProcess);
    const asks = await asked.asks();
    await terminal.shows("Password of");
    times.push(performance.now() - asks);
    terminal.keys("Tab", "Tab", "Enter");
    await asked.decision();
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`on the screen after ${times.map(Math.round).join(", ")} ms`);
});

test("without a display it is not used", async () => {
  const env = { DISPLAY: "", WAYLAND_DISPLAY: "" };
  assert.equal(await ask(["pinentry"], { env }).line(), "unavailable");
  // This display does not exist, so that a graphical pinentry would become one for terminals.
  const asked = ask(["pinentry"], { env: { DISPLAY: ":4711", WAYLAND_DISPLAY: "" } });
  await asked.asks();
  assert.equal(await asked.decision(), "None");
});

function children(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const texts = threads.map((id) => readFileSync(`/proc/${pid}/task/${id}/children`, "utf8"));
  return texts.join(" ").trim().split(/\s+/).map(Number);
}

function isRunning(pid) {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
