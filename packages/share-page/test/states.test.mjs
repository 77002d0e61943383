// Each state of the page, in real browsers against the real server. In each, axe finds nothing wrong.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BROWSERS,
  assertAccessible,
  enter,
  headed,
  launch,
  open,
  press,
  shows,
  text,
} from "./support/browsers.mjs";
import * as items from "./support/items.mjs";
import { alter, code, proxy, share, testDatabase } from "./support/server.mjs";

const FRESH = "shared an item with you";

for (const name of BROWSERS) {
  describe(name, async () => {
    const browser = await launch(name);

    it("says what is shared, and shows it when the button is pressed", async () => {
      const [shared] = await share({ ...items.login, maxViews: 3 });
      proxy.requests.length = 0;
      const page = await open(browser, shared.link);
      await headed(page, FRESH);
      assert.equal(page.url(), `${proxy.origin}/s`, "the secret is not in the address");
      await shows(page, "3 times");
      assert.ok(!(await text(page)).includes("Staging"), "nothing of the item is there before");
      await assertAccessible(page);
      await press(page, "Show item");
      await headed(page, "Staging console");
      await shows(page, "2 views left");
      await assertAccessible(page);

      await page.reload();
      await headed(page, "Staging console");
      await shows(page, "2 views left");
      assert.deepEqual(page.problems, []);
      const secret = shared.hash.slice(1);
      for (const { line } of proxy.requests) assert.ok(!line.includes(secret), line);
      await page.leave();
    });

    it("warns before the only view, and tells the next person that it is used", async () => {
      const [shared] = await share({ ...items.login, maxViews: 1 });
      const page = await open(browser, shared.link, { width: 320 });
      await shows(page, "You can open it only once.");
      await assertAccessible(page);
      await press(page, "Show item");
      await headed(page, "Staging console");
      await shows(page, "no view left");
      await assertAccessible(page);

      const other = await open(browser, shared.link);
      await headed(other, "This link has been used");
      await assertAccessible(other);
      await other.leave();
      await page.reload();
      await headed(page, "Staging console");
      await page.leave();
    });

    it("asks for the password, which is in the key", async () => {
      const [shared] = await share({ ...items.login, password: "pässwörd" });
      const page = await open(browser, shared.link);
      await headed(page, FRESH);
      await press(page, "Show item");
      await shows(page, "Enter the password.");
      await assertAccessible(page);
      await enter(page, "password");
      await press(page, "Show item");
      await shows(page, "This is not the password.");
      await assertAccessible(page);
      await enter(page, "pässwörd");
      await press(page, "Show item");
      await headed(page, "Staging console");
      await page.reload();
      await shows(page, "Again in this tab, without being counted");
      await page.leave();
    });

    it("proves an address by a code", async () => {
      const email = `${name}@example.com`;
      const [shared] = await share({ ...items.login, recipients: [email] });
      const page = await open(browser, shared.link);
      await headed(page, "Confirm your address");
      await assertAccessible(page);
      await enter(page, "nobody");
      await press(page, "Send code");
      await shows(page, "Enter your e-mail address");
      await enter(page, email);
      await press(page, "Send code");
      await headed(page, "Enter the code");
      await assertAccessible(page);
      const first = await code(email);

      await enter(page, first === "000000" ? "000001" : "000000");
      await press(page, "Continue");
      await shows(page, "You have 4 more tries.");
      await assertAccessible(page);
      await press(page, "Send a new code");
      await shows(page, "Only the newest one is valid.");
      const second = await code(email, (digits) => digits === first);
      await enter(page, `${second.slice(0, 3)} ${second.slice(3)}`);
      await press(page, "Continue");
      await headed(page, FRESH);
      await press(page, "Show item");
      await headed(page, "Staging console");
      await page.reload();
      await headed(page, "Staging console");
      await page.leave();
    });

    it("says that a code was tried too often, and when there are more", async () => {
      const [shared] = await share({ ...items.login, recipients: ["somebody@example.com"] });
      const page = await open(browser, shared.link);
      await headed(page, "Confirm your address");
      await enter(page, "uninvited@example.com");
      await press(page, "Send code");
      await headed(page, "Enter the code");
      for (const left of [
        "4 more tries",
        "3 more tries",
        "2 more tries",
        "1 more try",
        "tried too often",
      ]) {
        await enter(page, "000000");
        await press(page, "Continue");
        await shows(page, left);
      }
      // Five are sent in an hour of the clock, which may end meanwhile.
      for (let sent = 1, isRefused = false; !isRefused; sent += 1) {
        assert.ok(sent <= 10, `${sent} codes were sent`);
        const answer = page.waitForResponse((response) => response.url().endsWith("/share/code"));
        await press(page, "Send a new code");
        isRefused = (await answer).status() === 429;
        assert.ok(sent >= 5 || !isRefused, `only ${sent} codes were sent`);
      }
      await headed(page, "Too many tries");
      assert.match(await text(page), /Try again at \d+:\d\d.*, in (\d+ minutes?|1 hour)/);
      await assertAccessible(page);
      await page.leave();
    });

    it("ends the link when it is told to, twice", async () => {
      const [shared] = await share(items.login);
      const page = await open(browser, shared.link);
      await press(page, "Show item");
      await press(page, "I have it: end this link now");
      await assertAccessible(page);
      await press(page, "Keep it");
      await press(page, "I have it: end this link now");
      await press(page, "End the link");
      await headed(page, "You have ended the link");
      await assertAccessible(page);
      await page.reload();
      await headed(page, "Open the link again");
      const other = await open(browser, shared.link);
      await headed(other, "This link was ended");
      await assertAccessible(other);
      await Promise.all([page.leave(), other.leave()]);
    });

    it("says why nothing can be opened", async () => {
      const [expired, revoked, tampered] = await share(items.login, items.login, {
        ...items.login,
        isTampered: true,
      });
      await alter(expired, "expires_at = created_at");
      await alter(revoked, "state = 'revoked', ended_at = created_at");
      const ends = {
        [expired.link]: "This link has expired",
        [revoked.link]: "This link was withdrawn",
        [`${proxy.origin}/s#${"A".repeat(43)}`]: "This link opens nothing",
        [`${proxy.origin}/s#short`]: "This link opens nothing",
        [`${proxy.origin}/s`]: "Open the link again",
      };
      for (const [link, heading] of Object.entries(ends)) {
        const page = await open(browser, link);
        await headed(page, heading);
        await assertAccessible(page);
        assert.notEqual(await page.title(), "");
        await page.leave();
      }
      const page = await open(browser, tampered.link);
      await press(page, "Show item");
      await headed(page, "The item cannot be decrypted");
      await assertAccessible(page);
      await page.leave();
    });

    it("opens links as mail gateways leave them", async () => {
      const [shared] = await share(items.login);
      const secret = shared.hash.slice(1);
      for (const path of [
        `/s%23${secret}`,
        `/s/#${secret}`,
        `/s#${secret}&utm_source=mail`,
        `/s?x=1#${secret}`,
      ]) {
        const page = await open(browser, proxy.origin + path);
        await headed(page, FRESH);
        assert.equal(page.url(), `${proxy.origin}/s`);
        await page.leave();
      }
    });

    it("opens another link in the same tab", async () => {
      const [first, second] = await share(items.login, items.sshKey);
      const page = await open(browser, first.link);
      await press(page, "Show item");
      await headed(page, "Staging console");
      await page.evaluate((hash) => (location.hash = hash), second.hash);
      await headed(page, FRESH);
      await press(page, "Show item");
      await headed(page, "Deploy key");
      await page.leave();
    });

    it("offers to try again when the server cannot be reached", async () => {
      const [shared] = await share({ ...items.login, maxViews: 1 });
      proxy.isDown = true;
      const page = await open(browser, shared.link);
      await headed(page, "The server cannot be reached");
      await assertAccessible(page);
      proxy.isDown = false;
      await press(page, "Try again");
      await headed(page, FRESH);
      proxy.isDown = true;
      await press(page, "Show item");
      await headed(page, "The server cannot be reached");
      proxy.isDown = false;
      await press(page, "Try again");
      await headed(page, FRESH);
      await press(page, "Show item");
      await headed(page, "Staging console");
      await page.leave();
    });

    it("says what is missing in a browser that cannot decrypt", async () => {
      const [shared] = await share(items.login);
      const missing = {
        "This page needs a secure connection": () =>
          Object.defineProperty(globalThis, "isSecureContext", { value: false }),
        "This browser is too old": () => delete globalThis.ReadableStream,
      };
      for (const [heading, before] of Object.entries(missing)) {
        const page = await open(browser, shared.link, { before });
        await headed(page, heading);
        await assertAccessible(page);
        await page.leave();
      }
    });

    if (name === "chromium") {
      it("says that it needs JavaScript", async () => {
        const page = await open(browser, `${proxy.origin}/s`, { isScripted: false });
        await headed(page, "This page needs JavaScript");
        assert.ok(!(await text(page)).includes("Opening the link"));
        await page.leave();
      });
    }
  });
}

testDatabase();
