// The states in which nothing can be opened, and what to do about each.

import { Refused, type State, Unreachable } from "./api.js";
import { type Child, button, element, foreign } from "./dom.js";
import { formatClock, formatDuration, formatTime } from "./format.js";
import { ICONS, message, paragraph } from "./frame.js";

type Picture = keyof typeof ICONS;

/** What is known about the share. */
export interface Known {
  readonly sender?: string;
  readonly expiresAt?: string;
}

export function showEnded(state: Exclude<State, "active">, known: Known): void {
  const sender = known.sender ? foreign(known.sender) : "the sender";
  const again = (before: string): Child[] => [before, sender, " to share the item again."];
  const until = Date.parse(known.expiresAt ?? "");
  const texts: Record<typeof state, [Picture, string, Child[]]> = {
    expired: [
      "clock",
      "This link has expired",
      [until > 0 ? `It was valid until ${formatTime(until)}. ` : "", ...again("Ask ")],
    ],
    spent: [
      "check",
      "This link has been used",
      [
        "It could be opened a limited number of times. If it was not you who opened it, tell ",
        sender,
        ": the item may have to be changed.",
      ],
    ],
    revoked: [
      "barred",
      "This link was withdrawn",
      again("Whoever shared the item has withdrawn the link. If you still need it, ask "),
    ],
    ended: [
      "check",
      "This link was ended",
      ["Somebody who received it has ended it. If that was not you, tell ", sender, "."],
    ],
  };
  const [picture, title, text] = texts[state];
  message(picture, title, paragraph(...text));
}

export function showEndedByYou(): void {
  message(
    "check",
    "You have ended the link",
    paragraph("It cannot be opened again. You can close this tab."),
  );
}

export function showWrongLink(): void {
  message(
    "broken",
    "This link opens nothing",
    paragraph("A part of it may be missing or changed."),
    paragraph("Copy the whole link from the message that you got, and open it again."),
  );
}

export function showNoSecret(): void {
  message(
    "broken",
    "Open the link again",
    paragraph(
      "The part of the link after “#” was lost on the way here. This happens when a sign-in page comes first.",
    ),
    paragraph("Go back to the message that you got, and open the link once more."),
  );
}

export function showUnreadable(): void {
  message(
    "broken",
    "The item cannot be decrypted",
    paragraph(
      "What the server sent does not belong to this link, or was changed. Tell the sender.",
    ),
  );
}

export function showInsecure(): void {
  message(
    "lock",
    "This page needs a secure connection",
    paragraph(
      "Browsers decrypt only on pages whose address begins with “https://”. Check the link.",
    ),
  );
}

export function showOldBrowser(): void {
  message(
    "warning",
    "This browser is too old",
    paragraph("It cannot decrypt the item. Open the link in a current version of any browser."),
  );
}

/** Shows why a request failed, with a button that tries `again`. */
export function showFailure(error: unknown, known: Known, again: () => void): void {
  if (error instanceof Refused) {
    if (error.state !== undefined && error.state !== "active") return showEnded(error.state, known);
    if (error.status === 429) return showTooManyTries(error.retryAfter ?? 60, again);
    if (error.status < 500) return showWrongLink();
  } else if (!(error instanceof Unreachable)) {
    return showUnreadable();
  }
  message(
    "offline",
    "The server cannot be reached",
    paragraph(
      "Check your connection, or wait a moment, and try again. Nothing is lost, and nothing was counted twice.",
    ),
    button("Try again", { class: "primary" }, again),
  );
}

function showTooManyTries(seconds: number, again: () => void): void {
  const time = formatClock(Date.now() + seconds * 1000);
  message(
    "clock",
    "Too many tries",
    paragraph("To protect the item, the server takes no more for now."),
    paragraph("Try again at ", element("strong", {}, time), `, in ${formatDuration(seconds)}.`),
    button("Try again", { class: "primary" }, again),
  );
}
