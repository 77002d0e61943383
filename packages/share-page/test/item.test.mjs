// The item itself: its fields, copying, files and what is hostile, in real browsers against the real server.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BROWSERS,
  assertAccessible,
  clipboard,
  headed,
  launch,
  named,
  open,
  press,
  saved,
  shows,
  text,
} from "./support/browsers.mjs";
import * as items from "./support/items.mjs";
import { proxy, share, testDatabase } from "./support/server.mjs";

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

for (const name of BROWSERS) {
  describe(name, async () => {
    const browser = await launch(name);

    async function opened(shared, options) {
      const page = await open(browser, shared.link, options);
      await press(page, "Show item");
      await page.waitForSelector("header.item");
      return page;
    }

    // First, because in Firefox a window has the focus for certain only while it is the only one.
    it("is used with the keyboard alone", async () => {
      const [shared] = await share({ ...items.login, password: "open sesame" });
      const page = await open(browser, shared.link);
      await headed(page, "shared an item with you");
      // A browser that has only just got its window may lose the first key. One that is only slow must not get a second
      // one, which would lead past the field.
      const isTyping = () => document.activeElement.matches("input");
      for (let tries = 0, typing = false; tries < 3 && !typing; tries += 1) {
        await page.keyboard.press("Tab");
        typing = await page.waitForFunction(isTyping, { timeout: 10_000 }).catch(() => false);
      }
      await page.keyboard.type("open sesame");
      await assertFocusIsVisible(page);
      await page.keyboard.press("Enter");
      await headed(page, "Staging console");
      for (const label of ["Copy username", "Show password", "Copy password"]) {
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.activeElement.textContent), label);
        await assertFocusIsVisible(page);
      }
      await page.keyboard.press("Enter");
      await says(page, "password: copied");
      assert.equal(await clipboard(browser, proxy), "correct-Horse7");
      await page.bringToFront();
      await page.keyboard.down("Shift");
      await page.keyboard.press("Tab");
      await page.keyboard.up("Shift");
      await page.keyboard.press(" ");
      await shows(page, "correct-Horse7");

      await (await named(page, "I have it: end this link now")).focus();
      await page.keyboard.press("Enter");
      await assertFocusIsVisible(page);
      await page.keyboard.press("Enter");
      await headed(page, "You have ended the link");
      await page.leave();
    });

    it("shows fields as people read them", async () => {
      const [login, sshKey] = await share(items.login, items.sshKey);
      const page = await opened(login, { width: 320 });
      const fields = await rows(page);
      assert.match(fields.get("code"), /^\d{3} \d{3}\s+\d+ s$/);
      const expected = {
        username: "wendy",
        card: "4111 1111 1111 1111",
        "card type": "visa",
        expires: "January 2030",
        place: "1 Main St\nToronto, ON M5V 1A1\nCanada",
        phone: "+1 416 555 0100",
        mail: "billing@example.com",
        gender: "female",
        plan: "business",
        other: "Another item, which is not part of this share.",
        odd: "This kind of field cannot be shown here.",
        "broken code": "No code can be computed from what is stored.",
      };
      for (const [title, value] of Object.entries(expected)) assert.equal(fields.get(title), value);
      assert.match(fields.get("issued"), /March 15, 1998|15 March 1998/);
      assert.match(fields.get("site"), /^billing\.example\.com/);
      assert.ok(!fields.has("empty"));
      const shown = await text(page);
      for (const part of ["Use the VPN first.\nThen sign in.", "staging", "team/ops", "Security"]) {
        assert.ok(shown.includes(part), part);
      }
      const links = await page.$$eval("a", (links) =>
        links.map(({ href, rel, target }) => `${href} ${rel} ${target}`),
      );
      assert.deepEqual(links, [
        "https://billing.example.com/ noopener noreferrer _blank",
        "https://console.example.com/login noopener noreferrer _blank",
      ]);
      await page.leave();

      const other = await opened(sshKey);
      const key = await rows(other);
      assert.equal(key.get("Public key"), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5");
      assert.equal(key.get("Fingerprint"), "SHA256:0bPzFfXn0tGc");
      assert.equal(key.get("Key type"), "Ed25519");
      assert.ok(!(await text(other)).includes("BEGIN PRIVATE KEY"));
      await press(other, "Show private key");
      await shows(other, "BEGIN PRIVATE KEY");
      await assertAccessible(other);
      await other.leave();
    });

    it("hides secrets until they are asked for, and copies without showing", async () => {
      const [shared] = await share(items.login);
      const page = await opened(shared);
      assert.ok(!(await text(page)).includes("correct-Horse7"));
      // It is shown for two seconds.
      await Promise.all([shows(page, "Copied"), press(page, "Copy password")]);
      await says(page, "password: copied");
      assert.equal(await clipboard(browser, proxy), "correct-Horse7");
      assert.ok(!(await text(page)).includes("correct-Horse7"));
      await press(page, "Show password");
      await shows(page, "correct-Horse7");
      await press(page, "Hide password");
      assert.ok(!(await text(page)).includes("correct-Horse7"));
      await press(page, "Copy card");
      await says(page, "card: copied");
      assert.equal(await clipboard(browser, proxy), "4111111111111111");
      await press(page, "Copy code");
      await says(page, "code: copied");
      assert.match(await clipboard(browser, proxy), /^\d{6}$/);
      await page.leave();
    });

    it("shows what is to be copied, selected, where the browser refuses", async () => {
      const [shared] = await share(items.login);
      const page = await opened(shared, {
        before: () => {
          navigator.clipboard.writeText = () =>
            Promise.reject(new DOMException("", "NotAllowedError"));
          document.execCommand = () => false;
        },
      });
      await press(page, "Copy password");
      await shows(page, "Copying is not allowed here.");
      const selected = () => {
        const { value, selectionStart, selectionEnd } = document.activeElement;
        return value.slice(selectionStart, selectionEnd);
      };
      assert.equal(await page.evaluate(selected), "correct-Horse7");
      await assertAccessible(page);
      await page.leave();
    });

    it("computes codes by the server's clock", async () => {
      const [shared] = await share(items.login);
      const page = await opened(shared, {
        before: () => {
          const now = Date.now;
          Date.now = () => now() - 3_600_000;
        },
      });
      const code = async () => (await rows(page)).get("code").replace(/\s+\d+ s$/, "");
      // The expected code is computed in this test's process, whose clock is the server's.
      const { page: modules } = await import("./support/modules.mjs");
      const expected = async (late) =>
        modules.totpCode(modules.parseTotp("JBSWY3DPEHPK3PXP"), Date.now() / 1000 - late);
      // The page shows the next code a moment late, and more if the machine is busy.
      const near = [await expected(10), (await code()).replace(" ", ""), await expected(0)];
      assert.ok(near[1] === near[0] || near[1] === near[2], near.join(" "));
      await page.leave();
    });

    it("shows what is hostile as text", async () => {
      const [shared] = await share(items.hostile);
      const page = await opened(shared, { width: 320 });
      await press(page, "Show password");
      const shown = await text(page);
      for (const part of [
        "<img src=x onerror=",
        "U+202E",
        "U+0001",
        "U+200B",
        "<svg onload=",
        "__proto__",
      ]) {
        assert.ok(shown.includes(part), part);
      }
      assert.ok(!/[\u202e\u0001\u200b]/.test(shown));
      assert.equal(await page.$$eval("main a", (links) => links.length), 0);
      assert.equal(await page.title(), "Shared item");
      await press(page, "Copy password");
      await says(page, "password: copied");
      assert.equal(await clipboard(browser, proxy), "\u202esecret\u200b");
      await assertAccessible(page);
      await press(page, "View picture.png");
      await shows(page, "This is not a picture of a kind that can be shown here.");
      assert.equal(await page.$("main img"), null);
      assert.deepEqual(page.problems, []);
      await page.leave();
    });

    it("saves files, and goes on after a lost connection", async () => {
      const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7919) & 255));
      const [shared] = await share({
        ...items.login,
        files: [
          { name: "../data.bin", content: base64(content) },
          { name: "pixel.png", content: base64(items.PNG) },
        ],
      });
      // The way of browsers that do not ask where to save.
      const page = await opened(shared, { before: () => delete globalThis.showSaveFilePicker });
      await shows(page, "../data.bin");
      proxy.cuts = 2;
      // What has arrived and is not read yet is lost with the connection.
      proxy.beforeCut = () => page.waitForFunction(() => document.querySelector("progress").value);
      proxy.requests.length = 0;
      await press(page, "Save _data.bin");
      await shows(page, "_data.bin is saved.");
      assert.ok(content.equals(await saved(browser, "_data.bin", content.length)));
      const downloads = proxy.requests.filter(({ line }) => line.includes("/share/files/"));
      assert.deepEqual(
        downloads.map(({ status }) => status),
        [200, 206, 206],
      );
      await press(page, "View pixel.png");
      await page.waitForFunction(() => document.querySelector("main img")?.naturalWidth === 1);
      await assertAccessible(page);
      assert.deepEqual(page.problems, []);
      await page.leave();
    });

    if (name === "chromium") {
      it("saves a file where the person chose, if the browser asks", async () => {
        const [shared] = await share({
          ...items.login,
          files: [{ name: "a.txt", content: base64("text") }],
        });
        const page = await opened(shared, {
          before: () => {
            globalThis.showSaveFilePicker = async ({ suggestedName }) => {
              // As browsers do.
              if (!navigator.userActivation.isActive) throw new DOMException("", "SecurityError");
              const folder = await navigator.storage.getDirectory();
              return folder.getFileHandle(suggestedName, { create: true });
            };
          },
        });
        await press(page, "Save a.txt");
        await shows(page, "a.txt is saved.");
        const content = await page.evaluate(async () => {
          const folder = await navigator.storage.getDirectory();
          return (await (await folder.getFileHandle("a.txt")).getFile()).text();
        });
        assert.equal(content, "text");
        await page.leave();
      });
    }
  });
}

testDatabase();

/** Waits for what screen readers are told. */
async function says(page, text) {
  await page.waitForFunction(
    (text) => document.getElementById("live").textContent.includes(text),
    {},
    text,
  );
}

/** The texts of the rows, by name. */
async function rows(page) {
  await page.waitForFunction(() =>
    [...document.querySelectorAll("span.code")].every(({ textContent }) => textContent),
  );
  const found = await page.$$eval("dl .row", (rows) =>
    rows.map((row) => [
      row.querySelector("dt").textContent,
      row.querySelector(".value").innerText.trim(),
    ]),
  );
  return new Map(found);
}

async function assertFocusIsVisible(page) {
  const outline = () => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return `${outlineStyle} ${outlineWidth}`;
  };
  // The window may come to the front a moment later.
  await page.waitForFunction(`(${outline})() === "solid 3px"`, { timeout: 20_000 }).catch(() => {});
  assert.equal(await page.evaluate(outline), "solid 3px");
}
