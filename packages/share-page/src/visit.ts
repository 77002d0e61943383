// The visit of a link: its secret, and the ticket of the tab. They are kept in the tab's storage, so that the secret can
// leave the address bar and a reload still opens the item.

import type { Ticket } from "./api.js";
import { toId } from "./bytes.js";
import { type LinkKeys, linkKeys, secretIn } from "./keys.js";

const STORED_AS = "opwire-share";
/** The page's own address. */
const PAGE = "/s";

export interface Visit {
  readonly secret: string;
  readonly keys: LinkKeys;
  readonly share: Ticket;
}

interface Stored {
  readonly secret: string;
  readonly ticket: string;
}

/** Returns the visit of the link that was opened; or why there is none. */
export async function beginVisit(): Promise<Visit | "missing" | "malformed"> {
  const secret = secretIn(location.href);
  const stored = read();
  if (secret === undefined && stored === undefined) {
    return /#.|%23./.test(location.href) ? "malformed" : "missing";
  }
  // What is in the address counts: the person opened another link in this tab.
  const current =
    secret === undefined || secret === stored?.secret ? stored : { secret, ticket: newTicket() };
  if (current === undefined) return "missing";
  if (secret !== undefined && write(current)) history.replaceState(null, "", PAGE);
  const keys = await linkKeys(current.secret);
  const { uuid, token } = keys;
  return { secret: current.secret, keys, share: { uuid, token, ticket: current.ticket } };
}

/** Forgets the secret. */
export function endVisit(): void {
  try {
    sessionStorage.removeItem(STORED_AS);
  } catch {
    // There is no storage, so that there is nothing to forget.
  }
  history.replaceState(null, "", PAGE);
}

function newTicket(): string {
  return toId(crypto.getRandomValues(new Uint8Array(16)));
}

function read(): Stored | undefined {
  try {
    const { secret, ticket } = JSON.parse(sessionStorage.getItem(STORED_AS) ?? "");
    return typeof ticket === "string" && secretIn(secret) === secret
      ? { secret, ticket }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether a reload will find it. Where storage is forbidden, the secret has to stay in the address. */
function write(stored: Stored): boolean {
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify(stored));
    return true;
  } catch {
    return false;
  }
}
