// Elements. All text becomes text nodes: nothing of an item is ever read as HTML.

import { isHidden } from "./format.js";

export type Child = Node | string | undefined | false;
type Attributes = Record<string, string | boolean | undefined>;

const SVG = "http://www.w3.org/2000/svg";

/** Creates an element. An attribute that is `false` or `undefined` is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

/** Creates an element of an SVG. */
export function shape(name: string, attributes: Attributes, ...children: Node[]): Element {
  const made = document.createElementNS(SVG, name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** An icon of this path, drawn with lines. It means nothing to screen readers. */
export function icon(path: string): Element {
  const attributes = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" };
  return shape("svg", attributes, shape("path", { d: path }));
}

export function button(label: string, attributes: Attributes, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/**
 * A quiet button that does something with `what`, which only its name for screen readers says. Gives also the function
 * that changes its label.
 */
export function action(
  label: string,
  what: string,
  act: () => void,
): [HTMLButtonElement, (label: string) => void] {
  const shown = element("span", {}, label);
  const made = element(
    "button",
    { type: "button", class: "quiet" },
    shown,
    element("span", { class: "unseen" }, ` ${what}`),
  );
  made.addEventListener("click", act);
  return [made, (label) => (shown.textContent = label)];
}

/**
 * The text of somebody else. It cannot change the direction of what is around it, and characters that are not seen are
 * shown by their number.
 */
export function foreign(text: string): HTMLElement {
  const made = element("bdi", { dir: "auto" });
  let plain = "";
  for (const character of text) {
    if (!isHidden(character) || character === "\r") {
      plain += character;
      continue;
    }
    const number = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    made.append(plain, element("span", { class: "hidden-character" }, `U+${number}`));
    plain = "";
  }
  made.append(plain);
  return made;
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.textContent = "";
  append(parent, children);
}

/** Says a text to screen readers. */
export function announce(text: string): void {
  const live = document.getElementById("live");
  // A text that is said twice has to change.
  if (live) live.textContent = live.textContent === text ? `${text}\u00a0` : text;
}

function setAttributes(of: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) of.setAttribute(name, value === true ? "" : value);
  }
}

function append(parent: Element, children: Child[]): void {
  for (const child of children) if (child !== undefined && child !== false) parent.append(child);
}
