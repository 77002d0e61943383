// The page on which anyone opens a shared item. docs/decisions/0073 says why it is so.

import { Refused, type Status, open, status } from "./api.js";
import { setClock } from "./clock.js";
import {
  showEnded,
  showFailure,
  showInsecure,
  showNoSecret,
  showOldBrowser,
  showWrongLink,
} from "./endings.js";
import { CODES } from "./generated.js";
import { readItem } from "./item.js";
import { showItem } from "./itemview.js";
import { type PasswordKeys, openEnvelope, passwordKeys } from "./keys.js";
import { showEmailStep, showReady, wrongPassword } from "./steps.js";
import { type Visit, beginVisit } from "./visit.js";

const NEEDED = ["fetch", "ReadableStream", "TextDecoder", "AbortController", "BigInt"];

function start(): void {
  if (!window.isSecureContext) return showInsecure();
  const isOld = NEEDED.some((name) => !(name in window)) || crypto.subtle === undefined;
  if (isOld) return showOldBrowser();
  beginVisit().then(
    (visit) => {
      if (visit === "missing") showNoSecret();
      else if (visit === "malformed") showWrongLink();
      else showStatus(visit);
    },
    () => showOldBrowser(),
  );
}

function showStatus(visit: Visit): void {
  const restart = () => showStatus(visit);
  status(visit.share).then(
    (found) => {
      setClock(found.now);
      if (found.state !== "active") showEnded(found.state, found);
      else if (found.needsEmail) showEmailStep(visit, found, restart);
      // A reload: the item was on the screen, and opening it again is not counted.
      else if (found.isOpen && !found.needsPassword) openAgain(visit, found, restart);
      else showReady(found, opener(visit, found, restart), restart);
    },
    (error: unknown) => showFailure(error, {}, restart),
  );
}

function openAgain(visit: Visit, found: Status, restart: () => void): void {
  opener(
    visit,
    found,
    restart,
  )("", () => undefined).catch((error: unknown) => {
    showFailure(error, found, restart);
  });
}

/** Returns the function that opens the item and shows it. */
function opener(visit: Visit, found: Status, restart: () => void) {
  // A password is stretched once, although it may be sent again after a lost connection.
  let stretched: { password: string; keys: PasswordKeys } | undefined;
  return async (password: string, busy: (text: string) => void): Promise<void> => {
    if (found.needsPassword && stretched?.password !== password) {
      busy("Preparing the password…");
      stretched = { password, keys: await passwordKeys(visit.secret, password) };
    }
    busy("Opening…");
    try {
      const content = await open(visit.share, stretched?.keys.proof);
      setClock(content.now);
      const { key } = stretched?.keys ?? visit.keys;
      const [overview, details] = await Promise.all([
        openEnvelope(key, visit.share.uuid, content.encOverview),
        openEnvelope(key, visit.share.uuid, content.encDetails),
      ]);
      const item = readItem(content.templateUuid, overview, details);
      showItem(item, content, found, visit.share);
    } catch (error) {
      if (error instanceof Refused && error.code === CODES.needsEmail) return restart();
      throw wrongPassword(error) ?? error;
    }
  };
}

// Another link that is opened in this tab only changes the fragment.
window.addEventListener("hashchange", () => {
  if (location.hash !== "") start();
});
start();
