// The examples in the documentation of methods: `cargo xtask codegen` puts the bodies there.

import {
  type Client,
  type EnvironmentVariable,
  ItemCategory,
  ItemFieldType,
  ItemShareDuration,
} from "@opwire/sdk";

export async function secretsResolve(client: Client): Promise<void> {
  const password = await client.secrets.resolve("op://Development/Database/password");
  connect(password);
}

export async function secretsResolveAll(client: Client, references: string[]): Promise<void> {
  const { individualResponses } = await client.secrets.resolveAll(references);
  for (const [reference, { content, error }] of Object.entries(individualResponses)) {
    if (error) console.error(reference, error.type);
    else if (content) connect(content.secret);
  }
}

export async function itemsGet(client: Client, vaultId: string, itemId: string): Promise<void> {
  const item = await client.items.get(vaultId, itemId);
  const username = item.fields.find((field) => field.id === "username")?.value;
  console.log(item.title, username);
}

export async function itemsCreate(client: Client, vaultId: string): Promise<void> {
  const item = await client.items.create({
    category: ItemCategory.Login,
    vaultId,
    title: "Database",
    fields: [
      { id: "username", title: "username", fieldType: ItemFieldType.Text, value: "ada" },
      { id: "password", title: "password", fieldType: ItemFieldType.Concealed, value: "..." },
    ],
  });
  console.log(item.id);
}

export async function itemsPut(client: Client, vaultId: string, itemId: string): Promise<void> {
  const item = await client.items.get(vaultId, itemId);
  const updated = await client.items.put({ ...item, title: "Database (old)" });
  console.log(updated.version);
}

export async function itemsList(client: Client, vaultId: string): Promise<void> {
  for (const { id, title } of await client.items.list(vaultId)) console.log(id, title);

  const byState = { type: "ByState", content: { active: false, archived: true } } as const;
  const archived = await client.items.list(vaultId, byState);
  console.log(archived.length, "archived");
}

export async function itemsFilesRead(
  client: Client,
  vaultId: string,
  itemId: string,
): Promise<void> {
  const item = await client.items.get(vaultId, itemId);
  for (const { attributes } of item.files) {
    const content = await client.items.files.read(vaultId, itemId, attributes);
    console.log(attributes.name, content.length);
  }
}

export async function vaultsList(client: Client): Promise<void> {
  for (const { id, title } of await client.vaults.list()) console.log(id, title);
}

export async function environmentsGetVariables(
  client: Client,
  environmentId: string,
): Promise<void> {
  const { variables } = await client.environments.getVariables(environmentId);
  for (const { name, value } of variables) process.env[name] = value;
}

export async function environmentsSetVariables(
  client: Client,
  environmentId: string,
): Promise<void> {
  const variables: EnvironmentVariable[] = [
    { name: "DATABASE_HOST", value: "db.example.com", masked: false },
    { name: "DATABASE_PASSWORD", value: "...", masked: true },
  ];
  await client.environments.setVariables(environmentId, variables);
}

declare function connect(password: string): void;

export async function itemsSharesCreate(
  client: Client,
  vaultId: string,
  itemId: string,
): Promise<void> {
  const { shares } = client.items;
  const item = await client.items.get(vaultId, itemId);
  const policy = await shares.getAccountPolicy(vaultId, itemId);
  const recipients = await shares.validateRecipients(policy, ["ada@example.com"]);
  const link = await shares.create(item, policy, {
    recipients,
    expireAfter: ItemShareDuration.OneDay,
    oneTimeOnly: true,
  });
  console.log(link);
}

export async function itemsSharesList(
  client: Client,
  vaultId: string,
  itemId: string,
): Promise<void> {
  for (const share of await client.items.shares.list({ vaultId, itemId })) {
    console.log(share.id, share.state, share.views);
    if (share.state === "active") await client.items.shares.revoke(share.id);
  }
}

export async function itemsSharesGet(client: Client, shareId: string): Promise<void> {
  const share = await client.items.shares.get(shareId);
  for (const { email, viewedAt } of share.viewsLog ?? []) console.log(email, viewedAt);
}
