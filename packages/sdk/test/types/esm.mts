// Compiled, never run: a program that uses the whole surface.

import {
  type Client,
  type ClientConfiguration,
  createClient,
  DesktopAuth,
  type Fetch,
  type Item,
  ItemCategory,
  type ItemCreateParams,
  ItemFieldType,
  type ItemOverview,
  OpwireError,
  type PasswordRecipe,
  RateLimitExceededError,
  Secrets,
  SeparatorType,
  type VaultOverview,
  WordListType,
} from "@opwire/sdk";

const ownFetch: Fetch = async (url, init) => fetch(url, init);

const config: ClientConfiguration = {
  auth: process.env["OP_SERVICE_ACCOUNT_TOKEN"],
  integrationName: "Types",
  integrationVersion: "v1.0.0",
  requestTimeoutMs: 10_000,
  signal: AbortSignal.timeout(1_000),
  fetch,
  wasm: new Uint8Array(),
};
const desktop: ClientConfiguration = {
  ...config,
  auth: new DesktopAuth("me", { readOnly: true, library: "/opt/app.so" }),
  fetch: ownFetch,
};

export async function use(): Promise<void> {
  const client: Client = await createClient(config);
  const vaults: VaultOverview[] = await client.vaults.list();
  await client.vaults.list({ decryptDetails: true });
  const created: Date | undefined = vaults[0]?.createdAt;
  const params: ItemCreateParams = {
    title: "Types",
    category: ItemCategory.Login,
    vaultId: "v",
    fields: [{ id: "password", title: "password", fieldType: ItemFieldType.Concealed, value: "x" }],
    tags: ["a"],
  };
  const item: Item = await client.items.create(params);
  const overviews: ItemOverview[] = await client.items.list("v", {
    type: "ByState",
    content: { active: true, archived: false },
  });
  const field = item.fields[0];
  if (field?.details?.type === "Otp") console.log(field.details.content.code);
  const all = await client.secrets.resolveAll(["op://a/b/c"]);
  const response = all.individualResponses["op://a/b/c"];
  if (response?.error?.type === "parsing") console.log(response.error.message);
  console.log(response?.content?.secret, created, overviews.length, desktop.integrationName);
  await client.with({ signal: AbortSignal.timeout(5), timeoutMs: 5 }).secrets.resolve("op://a/b/c");
  client.close();
}

export function offline(): string {
  const recipe: PasswordRecipe = {
    type: "Memorable",
    parameters: {
      separatorType: SeparatorType.Hyphens,
      wordListType: WordListType.FullWords,
      capitalize: true,
      wordCount: 4,
    },
  };
  Secrets.validateSecretReference("op://a/b/c");
  return Secrets.generatePassword(recipe).password;
}

export function wait(error: unknown): number {
  if (error instanceof RateLimitExceededError) return error.retryAfterMs ?? 0;
  return error instanceof OpwireError && error.retryable ? 1 : 0;
}

// @ts-expect-error A client needs the name of the program.
export const incomplete: ClientConfiguration = { auth: "ops_", integrationVersion: "v1" };
