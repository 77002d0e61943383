// Vaults and groups, and the access to vaults, on the real server.

import assert from "node:assert/strict";
import { it } from "node:test";
import {
  createClient,
  GroupType,
  InvalidConfigurationError,
  NotFoundError,
  PermissionDeniedError,
  READ_ITEMS,
  REVEAL_ITEM_PASSWORD,
  UPDATE_ITEMS,
  UPDATE_ITEM_HISTORY,
  VaultAccessorType,
  VaultType,
} from "@opwire/sdk";
import { configuration, startServer } from "./support/server.mjs";

const missing = "a".repeat(26);

const server = await startServer();
const client = await createClient(configuration(server));
const isPerson = server.OPWIRE_ACCOUNT !== undefined;

it("makes, reads, changes and deletes a vault", async () => {
  const made = await client.vaults.create({ title: "New", description: "£ 日本" });
  assert.equal(made.vaultType, VaultType.UserCreated);
  const get = await client.vaults.get(made.id, { accessors: true });
  assert.deepEqual([get.title, get.description, get.contentVersion], ["New", "£ 日本", 1]);
  assert.ok(get.access.some((access) => access.accessorType === VaultAccessorType.User));
  const updated = await client.vaults.update(made.id, { title: "Renamed" });
  assert.deepEqual([updated.title, updated.description], ["Renamed", "£ 日本"]);
  assert.equal(await client.vaults.delete(made.id), undefined);
  await assert.rejects(client.vaults.getOverview(made.id), NotFoundError);
});

it("gives people access for persons only", async () => {
  const access = { userId: missing, permissions: READ_ITEMS };
  await assert.rejects(
    client.vaults.grantUserPermissions(server.OP_VAULT_ID, [access]),
    isPerson ? InvalidConfigurationError : PermissionDeniedError,
  );
  await assert.rejects(
    client.vaults.grantUserPermissions(server.OP_VAULT_ID, [{ ...access, permissions: 0 }]),
    (error) => error.field === "userPermissionsList[0].permissions",
  );
  const vault = await client.vaults.create({ title: "Own" });
  await assert.rejects(client.vaults.revokeUserPermissions(vault.id, missing), NotFoundError);
  // Administrators manage the vault too, so a person may leave it. The access of a service account is fixed.
  const leaving = client.vaults.leave(vault.id);
  await (isPerson ? leaving : assert.rejects(leaving, PermissionDeniedError));
  await client.vaults.delete(vault.id);
});

it("gives a group access, changes it and takes it away", async () => {
  const vault = await client.vaults.create({ title: "Shared" });
  const groups = await client.groups.list();
  const group = groups.find((each) => each.groupType === GroupType.TeamMembers);
  const read = READ_ITEMS | REVEAL_ITEM_PASSWORD;
  const permissions = async () => {
    const { vaultAccess } = await client.groups.get(group.id, { vaultPermissions: true });
    return vaultAccess.find((access) => access.vaultUuid === vault.id)?.permissions;
  };
  await client.vaults.grantGroupPermissions(vault.id, [{ groupId: group.id, permissions: read }]);
  assert.equal(await permissions(), read);
  const update = { vaultId: vault.id, groupId: group.id, permissions: read | UPDATE_ITEMS };
  await client.vaults.updateGroupPermissions([update]);
  assert.equal(await permissions(), read | UPDATE_ITEMS);
  await client.vaults.revokeGroupPermissions(vault.id, group.id);
  assert.equal(await permissions(), undefined);
  await client.vaults.delete(vault.id);
});

it("names the permission that is missing", async () => {
  const access = { groupId: missing, permissions: READ_ITEMS | UPDATE_ITEM_HISTORY };
  await assert.rejects(
    client.vaults.grantGroupPermissions(server.OP_VAULT_ID, [access]),
    (error) =>
      error instanceof InvalidConfigurationError &&
      error.field === "groupPermissionsList[0].permissions" &&
      error.message.endsWith("UPDATE_ITEM_HISTORY also needs REVEAL_ITEM_PASSWORD"),
  );
  await assert.rejects(client.groups.get(missing, {}), NotFoundError);
});

it("lets persons make groups, and no service account", async () => {
  if (isPerson) {
    const { id } = await client.groups.create({ title: "New" });
    assert.equal(await client.groups.delete(id), undefined);
    return;
  }
  await assert.rejects(client.groups.create({ title: "New" }), PermissionDeniedError);
  const [group] = await client.groups.list();
  await assert.rejects(client.groups.delete(group.id), PermissionDeniedError);
});
