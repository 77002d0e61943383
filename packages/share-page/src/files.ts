// The files of an item.

import { Refused, type Ticket } from "./api.js";
import { action, announce, element, foreign, icon } from "./dom.js";
import { Damaged, Download, imageType } from "./download.js";
import { formatSize, safeFileName } from "./format.js";
import { ICONS } from "./frame.js";
import { OPEN_MINUTES } from "./generated.js";
import type { SharedFile } from "./item.js";

/** How long a Blob is kept for the browser to save it. */
const SAVING_MS = 60_000;
const IMAGE_NAME = /\.(png|jpe?g|gif|webp)$/i;

/** A file that the person chose to save to. Only some browsers have it. */
interface FileTarget {
  createWritable(): Promise<{ write(data: BufferSource): Promise<void>; close(): Promise<void> }>;
}
type Picker = (options: { suggestedName: string }) => Promise<FileTarget>;

export function fileList(files: readonly SharedFile[], share: Ticket): HTMLElement {
  return element("ul", { class: "files" }, ...files.map((file) => fileEntry(file, share)));
}

function fileEntry(file: SharedFile, share: Ticket): HTMLElement {
  const name = safeFileName(file.name);
  const download = new Download(share, file);
  const bar = element("progress", {
    max: String(file.encryptedSize || 1),
    value: "0",
    "aria-label": `Download of ${name}`,
  });
  const note = element("p", { class: "hint" });
  const picture = element("div", { class: "picture" });
  let running: AbortController | undefined;

  const content = async () => {
    running = new AbortController();
    begin(true);
    try {
      return await download.content((received) => (bar.value = received), running.signal);
    } finally {
      begin(false);
    }
  };
  const [save] = action("Save", name, () => {
    // The first step must be the question where to save, because browsers ask only while the button is being pressed.
    chosenTarget(name)
      .then(async (target) => {
        if (target === "cancelled") return;
        const data = await content();
        if (target === undefined) saveAsBlob(name, data);
        else await writeTo(target, data);
        say(`${name} is saved.`);
      })
      .catch(fail);
  });
  const [view] = action("View", name, () => {
    content()
      .then((data) => {
        const type = imageType(data);
        if (type === undefined)
          return say("This is not a picture of a kind that can be shown here. Save it instead.");
        const source = URL.createObjectURL(new Blob([data], { type }));
        const image = element("img", { src: source, alt: name });
        image.addEventListener("load", () => URL.revokeObjectURL(source));
        image.addEventListener("error", () =>
          say("The picture is damaged, or too large for this browser. Save it instead."),
        );
        picture.append(image);
        view.hidden = true;
        say(`${name} is shown.`);
        note.textContent = "";
      })
      .catch(fail);
  });
  const [cancel] = action("Cancel", `the download of ${name}`, () => running?.abort());

  const begin = (isRunning: boolean) => {
    note.textContent = "";
    bar.hidden = cancel.hidden = !isRunning;
    save.hidden = isRunning;
    view.hidden = isRunning || picture.firstChild !== null;
    if (isRunning) cancel.focus();
    else if (document.activeElement === cancel || document.activeElement === document.body)
      save.focus();
  };
  const say = (text: string) => {
    note.textContent = text;
    announce(text);
  };
  const fail = (error: unknown) => {
    if (!running?.signal.aborted) say(problemOf(error));
  };
  begin(false);
  return element(
    "li",
    {},
    element(
      "div",
      { class: "row line" },
      icon(ICONS.file),
      element(
        "div",
        { class: "value" },
        foreign(file.name || name),
        element("span", { class: "size" }, formatSize(file.size)),
      ),
      element("div", { class: "actions" }, IMAGE_NAME.test(name) && view, save, cancel),
    ),
    bar,
    note,
    picture,
  );
}

/** Asks where to save, if the browser can. Otherwise, the browser saves a Blob where it saves downloads. */
async function chosenTarget(name: string): Promise<FileTarget | "cancelled" | undefined> {
  const ask = (window as { showSaveFilePicker?: Picker }).showSaveFilePicker;
  try {
    return await ask?.call(window, { suggestedName: name });
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError" ? "cancelled" : undefined;
  }
}

async function writeTo(target: FileTarget, data: ArrayBuffer): Promise<void> {
  const stream = await target.createWritable();
  await stream.write(data);
  await stream.close();
}

function saveAsBlob(name: string, data: ArrayBuffer): void {
  // No type that a browser would open.
  const source = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }));
  element("a", { href: source, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(source), SAVING_MS);
}

function problemOf(error: unknown): string {
  if (error instanceof Damaged) return "The file is damaged, or is not the one that was shared.";
  if (error instanceof Refused) {
    return `The server does not give the file any more. Files can be saved for ${OPEN_MINUTES} minutes after the item was opened.`;
  }
  if (error instanceof DOMException) return "The browser could not write the file.";
  return "The connection was lost. Press the button again: the download goes on where it stopped.";
}
