// The prompt as a page: what a person does, and what others try.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  REBOUND,
  askByPage,
  assertAccessible,
  curlAsAnotherUser,
  launch,
  open,
  openPrompt,
  ownHeaders,
  send,
  shows,
} from "./support/page.mjs";
import { PASSWORD, ask } from "./support/prompt.mjs";

const browser = await launch();

const secretOf = ({ link }) => new URL(link).hash.slice(1);

/** Exchanges the secret as the page does. */
async function exchange(asked) {
  const body = JSON.stringify({ secret: secretOf(asked) });
  const { status, text } = await send(asked, { headers: ownHeaders(asked), body });
  return { status, token: status === 200 ? JSON.parse(text).token : undefined };
}

async function post(asked, path, content) {
  const headers = ownHeaders(asked);
  const { status, text } = await send(asked, { path, headers, body: JSON.stringify(content) });
  return status === 200 ? JSON.parse(text) : { status };
}

async function allow(page, password) {
  await page.type("#password", password);
  await page.click("#allow");
}

test("a person reads who asks, chooses for whom, mistypes the password, and allows", async () => {
  const asked = await askByPage();
  const page = await openPrompt(browser, asked);
  const known = await page.$eval("#known", (list) => list.innerText);
  for (const text of ["/usr/bin/node", "48211", "/home/wendy/shop/deploy", "/dev/pts/3"]) {
    assert.ok(known.includes(text), known);
  }
  const claimed = await page.$eval(".claims", (section) => section.innerText);
  assert.ok(claimed.includes("Deploy script v1.4.0") && claimed.includes("may be untrue"), claimed);
  assert.ok(!known.includes("Deploy script"), known);
  await shows(page, "node wants to use the account Acme");
  await shows(page, "Staging servers");
  await shows(page, "10 minutes");
  await assertAccessible(page);

  await page.click("#allow");
  await shows(page, "Type the password");
  await allow(page, "battery staple");
  await shows(page, "The password is wrong.");
  assert.equal(await page.$eval("#password", (field) => field.value), "");
  await allow(page, "unreachable");
  await shows(page, "the server cannot be reached");
  await assertAccessible(page);
  await page.click("input[name=choice][value='2']");
  await allow(page, PASSWORD);
  await shows(page, "Allowed");
  assert.equal(await asked.decision(), "Some(Allow { choice: 2 })");
  await assertAccessible(page);
  assert.deepEqual(page.problems, []);
  await page.leave();
});

test("it is complete in a narrow window, in the dark, and after a reload", async () => {
  const asked = await askByPage();
  const page = await openPrompt(browser, asked, { width: 320, scheme: "dark" });
  await assertAccessible(page);
  await page.reload();
  await shows(page, "node wants to use the account Acme");
  await page.click("#deny");
  await shows(page, "Denied");
  assert.equal(await asked.decision(), "Some(Deny)");
  await page.leave();
});

test("keys: Enter denies, and approves nothing where the password is typed", async () => {
  const asked = await askByPage();
  const page = await openPrompt(browser, asked);
  await page.type("#password", PASSWORD);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "allow");
  // As when the key is held, or pressed twice.
  await page.keyboard.press("Enter");
  await sleep(200);
  assert.equal(await page.$eval("#title", (title) => title.checkVisibility()), true);
  await page.focus("input[name=choice]");
  await page.keyboard.press("Enter");
  await shows(page, "Denied");
  assert.equal(await asked.decision(), "Some(Deny)");
  await page.leave();

  const byKeys = await askByPage();
  const second = await openPrompt(browser, byKeys);
  // From the heading: the choices, the password, Deny, Allow.
  await second.keyboard.press("Tab");
  await second.keyboard.press("ArrowDown");
  await second.keyboard.press("Tab");
  await second.keyboard.type(PASSWORD);
  await second.keyboard.press("Tab");
  assert.equal(await second.evaluate(() => document.activeElement.id), "deny");
  await second.keyboard.press("Tab");
  await second.keyboard.press("Space");
  assert.equal(await byKeys.decision(), "Some(Allow { choice: 1 })");
  await second.leave();
});

/** Runs in a page: clicks Allow as soon as the prompt is shown, sooner than a test could from outside. */
function allowAtOnce() {
  new MutationObserver((_, observer) => {
    const allow = document.querySelector("#prompt:not([hidden]) #allow");
    if (!allow) return;
    observer.disconnect();
    allow.click();
    allow.dataset.clicked = "";
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

test("Allow is dead until somebody can have read the page", async () => {
  const asked = await askByPage({ proof: "click" });
  const page = await open(browser, asked.link, { script: allowAtOnce });
  await page.waitForSelector("#allow[data-clicked]");
  await sleep(200);
  assert.equal(await page.$eval("#title", (title) => title.checkVisibility()), true);
  await page.leave();
  await asked.withdraw();

  // The agent holds it, not only the page.
  const other = await askByPage({ proof: "click" });
  const { token } = await exchange(other);
  const now = { token, allow: 0, password: null };
  assert.deepEqual(await post(other, "/answer", now), { outcome: "tooSoon" });
  await post(other, "/show", { token });
  assert.deepEqual(await post(other, "/answer", now), { outcome: "tooSoon" });
  await sleep(750);
  assert.deepEqual(await post(other, "/answer", now), { outcome: "allowed", choice: 0 });
  assert.equal(await other.decision(), "Some(Allow { choice: 0 })");
});

test("an answer without the password, or for nobody, allows nothing", async () => {
  const asked = await askByPage();
  const { token } = await exchange(asked);
  await post(asked, "/show", { token });
  await sleep(750);
  const answer = { token, allow: 0, password: null };
  assert.deepEqual(await post(asked, "/answer", answer), { outcome: "wrongPassword" });
  const nobody = { token, allow: 9, password: PASSWORD };
  assert.deepEqual(await post(asked, "/answer", nobody), { status: 400 });
  const guessed = { token: "A".repeat(43), allow: 0, password: PASSWORD };
  assert.deepEqual(await post(asked, "/answer", guessed), { status: 403 });
  assert.equal((await asked.withdraw()).decided, "withdrawn");
});

test("a prompt that is withdrawn says so, and its address is gone", async () => {
  const asked = await askByPage();
  const page = await openPrompt(browser, asked);
  await page.type("#password", PASSWORD);
  const { decided, exited } = await asked.withdraw();
  assert.equal(decided, "withdrawn");
  await shows(page, "This prompt has ended");
  assert.equal(await page.$("#password"), null);
  await assert.rejects(send(asked, { method: "GET", path: "/", headers: ownHeaders(asked) }));
  await exited;
  await page.leave();
});

test("texts of programs are texts", async () => {
  const name = "<img src=x onerror=\"document.title='harmed'\">\u202e";
  const asked = await askByPage({
    claims: { name, version: "<script>", arguments: ["<b>bold</b>", "x".repeat(5000)] },
  });
  const page = await openPrompt(browser, asked, { width: 320 });
  await shows(page, "<img src=x onerror");
  assert.equal(await page.title(), "node wants to use the account Acme");
  assert.equal(await page.$("img, b, .claims script"), null);
  await assertAccessible(page);
  await page.click("#deny");
  await asked.decision();
  await page.leave();
});

test("a GET spends nothing, and the secret is exchanged once", async () => {
  const asked = await askByPage();
  for (const path of ["/", "/", "/page.js", "/page.css", `/?${secretOf(asked)}`]) {
    const { status } = await send(asked, { method: "GET", path, headers: ownHeaders(asked) });
    assert.equal(status, 200, path);
  }
  for (const path of ["/open", "/show", "/answer", "/wait"]) {
    const { status } = await send(asked, { method: "GET", path, headers: ownHeaders(asked) });
    assert.equal(status, 405, path);
  }
  const page = await openPrompt(browser, asked);
  assert.equal(page.url(), `${asked.origin}/`);
  assert.equal((await exchange(asked)).status, 403);
  const second = await open(browser, asked.link);
  await shows(second, "This link was used already");
  await second.leave();
  await page.click("#deny");
  await asked.decision();
  await page.leave();
});

test("requests that are not the page's are refused, and change nothing", async () => {
  const asked = await askByPage();
  const own = ownHeaders(asked);
  const { host } = own;
  const port = host.split(":")[1];
  const without = (name) => Object.fromEntries(Object.entries(own).filter(([key]) => key !== name));
  const refused = {
    "no host": without("host"),
    "another host": { ...own, host: `${REBOUND}:${port}` },
    "a host that begins as ours": { ...own, host: `${host}.${REBOUND}` },
    "a host without the port": { ...own, host: "127.0.0.1" },
    localhost: { ...own, host: `localhost:${port}` },
    "no origin": without("origin"),
    "the origin null": { ...own, origin: "null" },
    "another origin": { ...own, origin: `http://${REBOUND}:${port}` },
    "an origin that begins as ours": { ...own, origin: `${own.origin}.${REBOUND}` },
    "another port's origin": { ...own, origin: "http://127.0.0.1:1" },
    https: { ...own, origin: `https://${host}` },
    "no site": without("sec-fetch-site"),
    "another site": { ...own, "sec-fetch-site": "cross-site" },
    "the same site": { ...own, "sec-fetch-site": "same-site" },
    "no kind of content": without("content-type"),
    "content of a form": { ...own, "content-type": "text/plain" },
    "content that begins as ours": { ...own, "content-type": "application/json;x" },
  };
  const body = JSON.stringify({ secret: secretOf(asked) });
  for (const [name, headers] of Object.entries(refused)) {
    const { status, text } = await send(asked, { headers, body });
    assert.equal(status, 403, name);
    assert.ok(!text.includes("token"), name);
  }
  for (const method of ["OPTIONS", "PUT", "DELETE"]) {
    const { status, headers } = await send(asked, { method, headers: own });
    assert.equal(status, 403, method);
    assert.equal(headers["access-control-allow-origin"], undefined);
  }
  for (const site of ["cross-site", "same-site"]) {
    const headers = { host, "sec-fetch-site": site };
    assert.equal((await send(asked, { method: "GET", path: "/", headers })).status, 403, site);
  }
  const { headers } = await send(asked, { method: "GET", path: "/", headers: { host } });
  assert.match(headers["content-security-policy"], /default-src 'none'.*frame-ancestors 'none'/);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["cross-origin-opener-policy"], "same-origin");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal((await exchange(asked)).status, 200);
  await asked.withdraw();
});

test("a page of elsewhere can neither read, answer nor frame it", async () => {
  const asked = await askByPage();
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>elsewhere</title>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const elsewhere = await open(browser, `http://localhost:${server.address().port}/`);
  const secret = secretOf(asked);
  const tried = await elsewhere.evaluate(
    async (origin, secret) => {
      const body = JSON.stringify({ secret });
      const tries = {
        simple: { method: "POST", mode: "no-cors", body },
        json: { method: "POST", headers: { "content-type": "application/json" }, body },
        read: {},
      };
      const outcomes = {};
      for (const [name, options] of Object.entries(tries)) {
        const response = await fetch(`${origin}/open`, options).catch(() => "refused");
        outcomes[name] = response === "refused" ? response : `${response.type} ${response.status}`;
      }
      const load = (tag, from) =>
        new Promise((resolve) => {
          const element = document.createElement(tag);
          element.onload = () => resolve("loaded");
          element.onerror = () => resolve("refused");
          element.src = from;
          document.body.append(element);
        });
      outcomes.script = await load("script", `${origin}/page.js`);
      await load("iframe", `${origin}/#${secret}`);
      return outcomes;
    },
    asked.origin,
    secret,
  );
  assert.deepEqual(tried, {
    simple: "refused",
    json: "refused",
    read: "refused",
    script: "refused",
  });
  const frame = elsewhere.frames().find((frame) => frame.parentFrame());
  const framed = await frame.evaluate(() => document.body?.innerText ?? "").catch(() => "");
  assert.ok(!framed.includes("Acme"), framed);

  // A window that it opens is not the page, and it has no handle on it.
  const popup = new Promise((resolve) => elsewhere.once("popup", resolve));
  await elsewhere.evaluate((link) => void globalThis.open(link), asked.link);
  await shows(await popup, "another page may not load this one");

  const form = await elsewhere.evaluateHandle((origin) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: `${origin}/open`, enctype: "text/plain" });
    document.body.append(form);
    return form;
  }, asked.origin);
  await Promise.all([elsewhere.waitForNavigation(), form.evaluate((form) => form.submit())]);
  await shows(elsewhere, "only the page itself may do this");
  await elsewhere.leave();

  const page = await openPrompt(browser, asked);
  await page.click("#deny");
  assert.equal(await asked.decision(), "Some(Deny)");
  await page.leave();
});

test("a name that resolves to this machine is not the page's", async () => {
  const asked = await askByPage();
  const { port, hash } = new URL(asked.link);
  const rebound = await open(browser, `http://${REBOUND}:${port}/${hash}`);
  await shows(rebound, "this address is not the page's");
  const status = await rebound.evaluate(async (secret) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ secret });
    return (await fetch("/open", { method: "POST", headers, body })).status;
  }, hash.slice(1));
  assert.equal(status, 403);
  await rebound.leave();
  assert.equal((await exchange(asked)).status, 200);
  await asked.withdraw();
});

test("another user of this machine cannot connect", async () => {
  const asked = await askByPage();
  // 52: nothing came; 56: the connection was reset.
  const { status, text } = curlAsAnotherUser(asked.link);
  assert.ok(status === 52 || status === 56, `${status}: ${text}`);
  assert.equal((await exchange(asked)).status, 200);
  await asked.withdraw();
});

test("where no browser of the person can show it, it is not used", async () => {
  const here = { DISPLAY: ":99", BROWSER: "true" };
  const nowhere = [
    { DISPLAY: "", WAYLAND_DISPLAY: "" },
    { ...here, SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 22" },
    { ...here, PATH: "/nonexistent", BROWSER: "firefox" },
  ];
  for (const env of nowhere) assert.equal(await ask(["page"], { env }).line(), "unavailable");
  // Every opener fails.
  const failing = ask(["page"], { env: { ...here, PATH: "/bin", BROWSER: "false:/bin/false %s" } });
  assert.equal(await failing.line(), "asks");
  assert.equal(await failing.decision(), "None");
});

test("it is soon on the screen of a browser that runs", async (t) => {
  const times = [];
  for (let i = 0; i < 5; i++) {
    const asked = await askByPage();
    const page = await browser.newPage();
    await page.goto(asked.link);
    await page.waitForSelector("#prompt:not([hidden])");
    times.push(performance.now() - asked.opened);
    await page.click("#deny");
    await asked.decision();
    await page.close();
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`on the screen after ${times.map(Math.round).join(", ")} ms`);
});
