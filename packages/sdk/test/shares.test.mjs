// Items shared by links, on the real server.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { it } from "node:test";
import {
  BadInputError,
  createClient,
  InvalidConfigurationError,
  ItemOutdatedError,
  ItemShareDuration,
  NotFoundError,
} from "@opwire/sdk";
import { command, configuration, login, startServer } from "./support/server.mjs";

const server = await startServer();
const vaultId = server.OP_VAULT_ID;
const client = await createClient(configuration(server));
const { shares } = client.items;

for (const [name, params] of Object.entries({
  "as the policy says": {},
  once: { oneTimeOnly: true },
  "three times": { maxViews: 3, expireAfter: ItemShareDuration.OneDay },
  "with a password": { password: "correct horse" },
})) {
  it(`shares an item ${name}, until it is revoked`, async () => {
    const item = await client.items.create(login(vaultId, "Shared", "hunter2"));
    const policy = await shares.getAccountPolicy(vaultId, item.id);
    const link = await shares.create(item, policy, { oneTimeOnly: false, ...params });
    const [share, ...others] = await shares.list({ itemId: item.id });
    assert.deepEqual(others, []);
    assert.deepEqual([share.link, share.state, share.views], [link, "active", 0]);
    assert.equal(share.hasPassword, "password" in params);
    assert.equal(share.title ?? undefined, share.hasPassword ? undefined : "Shared");
    await shares.revoke(share.id);
    const { state, link: gone, viewsLog } = await shares.get(share.id);
    assert.deepEqual([state, gone ?? undefined, viewsLog], ["revoked", undefined, []]);
  });
}

// Machines write é as one character, or as a letter and an accent.
for (const [password, typed] of [
  ["caf\u00e9", "cafe\u0301"],
  ["cafe\u0301", "caf\u00e9"],
]) {
  it(`shares with ${JSON.stringify(password)} what ${JSON.stringify(typed)} opens`, async () => {
    const item = await client.items.create(login(vaultId, "Shared", "hunter2"));
    const policy = await shares.getAccountPolicy(vaultId, item.id);
    const link = await shares.create(item, policy, { oneTimeOnly: false, password });
    const opened = execFileSync(command(), ["share", "open", "-", "--field", "password"], {
      input: link,
      env: { ...process.env, OPWIRE_SHARE_PASSWORD: typed },
      encoding: "utf8",
    });
    assert.equal(opened.trim(), "hunter2");
  });
}

it("stretches passwords on another thread", async () => {
  const item = await client.items.create(login(vaultId, "Shared", "hunter2"));
  const policy = await shares.getAccountPolicy(vaultId, item.id);
  let [last, longest] = [performance.now(), 0];
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const began = performance.now();
  await shares.create(item, policy, { oneTimeOnly: false, password: "correct horse" });
  const took = performance.now() - began;
  clearInterval(timer);
  assert.ok(longest < took / 2, `the event loop waited for ${longest} of ${took} ms`);
});

it("says why something cannot be shared", async () => {
  const item = await client.items.create(login(vaultId, "Not shared", "hunter2"));
  const policy = await shares.getAccountPolicy(vaultId, item.id);
  for (const recipient of ["", "a", "a@b", "http://b.com", "a b@c.com"])
    await assert.rejects(shares.validateRecipients(policy, [recipient]), BadInputError);
  const params = { oneTimeOnly: false };
  const refused = { ...policy, allowedTypes: [] };
  await assert.rejects(shares.create(item, refused, params), BadInputError);
  await assert.rejects(shares.create(item, policy, { ...params, maxViews: 0 }), BadInputError);
  await assert.rejects(shares.create(item, policy, { ...params, password: "" }), BadInputError);
  const outdated = { ...item, version: item.version + 1 };
  await assert.rejects(shares.create(outdated, policy, params), ItemOutdatedError);
  await assert.rejects(shares.getAccountPolicy("a".repeat(26), item.id), NotFoundError);
  await assert.rejects(shares.getAccountPolicy(vaultId, "a".repeat(26)), NotFoundError);
  await assert.rejects(shares.get("x"), InvalidConfigurationError);
});
