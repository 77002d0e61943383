import type { Client } from "./client.js";
import { NotFoundError, PermissionDeniedError } from "./generated/errors.js";
import type { ItemOverview, ItemSearchParams } from "./generated/types.js";
import type { CallOptions } from "./session.js";

/** How many vaults are searched concurrently. */
const MAX_AT_ONCE = 8;

/** Yields the matching items of each vault as they arrive. Each call is made with `options`. */
export async function* searchItems(
  client: Client,
  options: CallOptions,
  params: ItemSearchParams,
): AsyncGenerator<ItemOverview, void, undefined> {
  const stop = new AbortController();
  const forward = () => stop.abort(options.signal?.reason);
  if (options.signal?.aborted) forward();
  options.signal?.addEventListener("abort", forward, { once: true });
  const view = client.with({ ...options, signal: stop.signal });
  const named = params.vaultIds;
  const waiting: string[] = [];
  const underWay = new Map<string, Promise<[string, ItemOverview[]]>>();
  const startSearches = () => {
    while (underWay.size < MAX_AT_ONCE) {
      const vaultId = waiting.shift();
      if (vaultId === undefined) return;
      const search = view.items.search({ ...params, vaultIds: [vaultId] });
      const found = named ? search : search.catch(noneIfUnreadable);
      underWay.set(
        vaultId,
        found.then((items) => [vaultId, items]),
      );
    }
  };
  try {
    waiting.push(...new Set(named ?? (await vaultIds(view))));
    for (startSearches(); underWay.size > 0; startSearches()) {
      const [vaultId, items] = await Promise.race(underWay.values());
      underWay.delete(vaultId);
      yield* items;
    }
  } finally {
    // Their failures must not count as unhandled rejections.
    for (const search of underWay.values()) search.catch(() => {});
    options.signal?.removeEventListener("abort", forward);
    stop.abort();
  }
}

async function vaultIds(client: Client): Promise<string[]> {
  return (await client.vaults.list()).map((vault) => vault.id);
}

/** Returns no items for a vault that may not be read or was deleted, when all vaults are searched. */
function noneIfUnreadable(error: unknown): ItemOverview[] {
  if (error instanceof PermissionDeniedError || error instanceof NotFoundError) return [];
  throw error;
}
