// What all states of the page have in common.

import { type Child, element, icon, replace } from "./dom.js";

/** Paths on a canvas of 24 by 24. */
export const ICONS = {
  clock: "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  check: "M8 12.5l3 3 5-6M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  barred: "M5.7 5.7l12.6 12.6M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  broken:
    "M10 14l-2.5 2.5a3.5 3.5 0 0 1-5-5L5 9M14 10l2.5-2.5a3.5 3.5 0 0 1 5 5L19 15M8 3v2M3 8h2M16 21v-2M21 16h-2",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9.5h-13zM12 15v2",
  mail: "M3 6h18v13H3zM3.5 6.5l8.5 7 8.5-7",
  offline:
    "M3 3l18 18M8.5 16.5a5 5 0 0 1 7 0M5 13a10 10 0 0 1 5-2.7M19 13a10 10 0 0 0-3.5-2.3M2 9a15 15 0 0 1 4.5-3M22 9a15 15 0 0 0-11.5-4M12 20h.01",
  warning: "M12 9v4.5M12 17h.01M12 3.5L2.5 20h19z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
} as const;

/** Shows a state, and tells screen readers by moving the focus to its heading. */
export function show(title: string, ...children: Child[]): void {
  document.title = title;
  const main = document.getElementById("main");
  if (main === null) return;
  replace(main, ...children);
  window.scrollTo(0, 0);
  main.querySelector("h1")?.focus({ preventScroll: true });
}

export function heading(...children: Child[]): HTMLElement {
  return element("h1", { tabindex: "-1" }, ...children);
}

/** A state that says one thing. */
export function message(picture: keyof typeof ICONS, title: string, ...children: Child[]): void {
  show(
    title,
    element("div", { class: "card message" }, badge(picture), heading(title), ...children),
  );
}

export function badge(picture: keyof typeof ICONS): HTMLElement {
  return element("div", { class: "badge" }, icon(ICONS[picture]));
}

export function paragraph(...children: Child[]): HTMLElement {
  return element("p", {}, ...children);
}
