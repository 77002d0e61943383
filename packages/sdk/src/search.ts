import type { Client } from "./client.js";
import { NotFoundError, PermissionDeniedError } from "./generated/errors.js";
import type { ItemOverview, ItemSearchParams } from "./generated/types.js";
import type { CallOptions } from "./session.js";

/** How many vaults are asked at the same time. */
const MAX_AT_ONCE = 8;

/** The items that fit, vault by vault in the order in which they answer; with `options` for each call. */
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
  const begin = () => {
    while (underWay.size < MAX_AT_ONCE) {
      const vaultId = waiting.shift();
      if (vaultId === undefined) return;
      const search = view.items.search({ ...params, vaultIds: [vaultId] });
      const found = named ? search : search.catch(nothingOutOfReach);
      underWay.set(
        vaultId,
        found.then((items) => [vaultId, items]),
      );
    }
  };
  try {
    waiting.push(...new Set(named ?? (await vaultIds(view))));
    for (begin(); underWay.size > 0; begin()) {
      const [vaultId, items] = await Promise.race(underWay.values());
      underWay.delete(vaultId);
      yield* items;
    }
  } finally {
    // Nobody waits for the others any more.
    for (const search of underWay.values()) search.catch(() => {});
    options.signal?.removeEventListener("abort", forward);
    stop.abort();
  }
}

async function vaultIds(client: Client): Promise<string[]> {
  return (await client.vaults.list()).map((vault) => vault.id);
}

/** Of all vaults, those that may not be read, or went away, are left out. */
function nothingOutOfReach(error: unknown): ItemOverview[] {
  if (error instanceof PermissionDeniedError || error instanceof NotFoundError) return [];
  throw error;
}
