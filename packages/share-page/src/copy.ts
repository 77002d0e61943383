// Copying to the clipboard.

import { action, announce, element } from "./dom.js";

const SHOWN_MS = 2000;
const REFUSED = "Copying is not allowed here. The text is selected: press Ctrl+C or ⌘C.";

/**
 * A button that copies what `text` returns at the moment it is pressed. Safari takes nothing after a wait. Where the
 * browser refuses, the text is shown in `place`, selected, to be copied by hand.
 */
export function copyButton(what: string, text: () => string, place: () => Element): HTMLElement {
  let timer = 0;
  const [made, label] = action("Copy", what, () => {
    const value = text();
    write(value).then(copied, () => {
      if (writeByCommand(value)) return copied();
      say("Not copied", `${what}: ${REFUSED}`);
      showSelected(value, what, place());
    });
  });
  const copied = () => {
    made.classList.add("done");
    say("Copied", `${what}: copied`);
  };
  const say = (shown: string, said: string) => {
    label(shown);
    announce(said);
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      label("Copy");
      made.classList.remove("done");
    }, SHOWN_MS);
  };
  made.classList.add("copy");
  return made;
}

function write(text: string): Promise<void> {
  try {
    return navigator.clipboard.writeText(text);
  } catch {
    return Promise.reject(new TypeError("no clipboard"));
  }
}

/** The older way, which some browsers allow where they refuse the newer one. */
function writeByCommand(text: string): boolean {
  const focused = document.activeElement;
  const area = selectable(text, "");
  document.body.append(area);
  area.select();
  let isCopied = false;
  try {
    isCopied = document.execCommand("copy");
  } catch {
    // Then it is refused too.
  }
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}

function showSelected(text: string, what: string, place: Element): void {
  place.querySelector(".by-hand")?.remove();
  const area = selectable(text, what);
  const hint = element("p", { class: "hint" }, REFUSED);
  place.append(element("div", { class: "by-hand" }, area, hint));
  area.focus();
  area.select();
}

function selectable(text: string, what: string): HTMLTextAreaElement {
  const area = element("textarea", { readonly: true, "aria-label": what, rows: "2" });
  area.value = text;
  return area;
}
