// Compiled, never run, by an old compiler: where we take undefined, the types do.

import {
  type ClientConfiguration,
  createClient,
  type ItemCreateParams,
  ItemCategory,
  ItemFieldType,
  NotFoundError,
} from "@opwire/sdk";

export async function use(
  auth: string,
  title: string,
  notes: string | undefined,
): Promise<string[]> {
  const config: ClientConfiguration = {
    auth,
    integrationName: "Typed",
    integrationVersion: "v1.0.0",
    requestTimeoutMs: undefined,
    signal: undefined,
    cache: undefined,
  };
  const client = await createClient(config);
  const params: ItemCreateParams = {
    category: ItemCategory.Login,
    vaultId: "a",
    title,
    notes,
    tags: undefined,
    fields: [
      {
        id: "token",
        title: "token",
        fieldType: ItemFieldType.Concealed,
        value: "secret",
        sectionId: undefined,
      },
    ],
  };
  try {
    const item = await client.items.create(params);
    return item.fields.map((field) => field.value);
  } catch (error) {
    if (error instanceof NotFoundError) return [error.message];
    throw error;
  }
}
