// The item.

import { type Status, type Ticket, end } from "./api.js";
import { announce, button, element, foreign } from "./dom.js";
import { copyButton } from "./copy.js";
import { showEndedByYou, showFailure } from "./endings.js";
import { fieldRows, websiteRow } from "./fields.js";
import { fileList } from "./files.js";
import { formatTime, plural } from "./format.js";
import { heading, show } from "./frame.js";
import type { Item } from "./item.js";
import { endVisit } from "./visit.js";

/** How long and how often the share can still be opened. */
export interface Rest {
  readonly expiresAt: string;
  readonly viewsLeft?: number;
}

export function showItem(item: Item, rest: Rest, status: Status, share: Ticket): void {
  const sections = item.sections.flatMap((section) => {
    const rows = section.fields.flatMap((field) => fieldRows(field, share));
    return rows.length > 0 ? [group(section.title, element("dl", {}, ...rows))] : [];
  });
  const websites = item.websites.filter(({ url }) => url !== "").map(websiteRow);
  show(
    "Shared item",
    element(
      "header",
      { class: "item" },
      element("p", { class: "category" }, item.category),
      heading(item.title === "" ? "Untitled" : foreign(item.title)),
      element(
        "p",
        { class: "meta" },
        "Shared by ",
        foreign(status.sender),
        ` · open until ${formatTime(Date.parse(rest.expiresAt))} · ${viewsText(rest)}`,
      ),
    ),
    ...sections,
    websites.length > 0 && group("Websites", element("dl", {}, ...websites)),
    item.notes !== "" && group("Notes", notesRow(item.notes)),
    item.files.length > 0 && group("Files", fileList(item.files, share)),
    item.tags.length > 0 &&
      group(
        "Tags",
        element(
          "ul",
          { class: "tags" },
          ...item.tags.map((tag) => element("li", {}, foreign(tag))),
        ),
      ),
    endSection(share, status),
  );
}

function group(title: string, ...children: Node[]): HTMLElement {
  const name = title !== "" && element("h2", {}, foreign(title));
  return element("section", { class: "card" }, name, ...children);
}

function notesRow(notes: string): HTMLElement {
  const value = element("div", { class: "value" }, foreign(notes));
  const copy = copyButton(
    "notes",
    () => notes,
    () => value,
  );
  return element("div", { class: "row line" }, value, element("div", { class: "actions" }, copy));
}

function viewsText({ viewsLeft }: Rest): string {
  if (viewsLeft === undefined) return "any number of views left";
  return viewsLeft === 0 ? "no view left" : `${plural(viewsLeft, "view")} left`;
}

/** Ending the link takes two steps, because it cannot be undone. */
function endSection(share: Ticket, status: Status): HTMLElement {
  const again = () => {
    end(share).then(
      () => {
        endVisit();
        showEndedByYou();
      },
      (error: unknown) => showFailure(error, status, again),
    );
  };
  const ask = button("I have it: end this link now", {}, () => {
    ask.hidden = true;
    question.hidden = false;
    announce("End this link? This cannot be undone.");
    confirm.focus();
  });
  const confirm = button(
    "End the link",
    { class: "primary", "aria-describedby": "end-question" },
    again,
  );
  const keep = button("Keep it", {}, () => {
    ask.hidden = false;
    question.hidden = true;
    ask.focus();
  });
  const question = element(
    "div",
    { class: "question" },
    element(
      "p",
      { id: "end-question" },
      "After that, it cannot be opened again: not by you, and not by anyone who gets hold of your link.",
    ),
    element("p", { class: "choices" }, confirm, keep),
  );
  question.hidden = true;
  return element(
    "section",
    { class: "card end" },
    element("h2", {}, "Saved everything?"),
    element(
      "p",
      { class: "hint" },
      "A link that is ended is one that nobody can find and use later.",
    ),
    ask,
    question,
  );
}
