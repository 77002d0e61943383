// The fields of an item, as rows of a list: a name, a value, and what can be done with it.

import { type Ticket, status } from "./api.js";
import { isClockStale, serverNow, setClock } from "./clock.js";
import { copyButton } from "./copy.js";
import { type Child, action, announce, element, foreign, shape } from "./dom.js";
import {
  addressLines,
  formatDate,
  formatMonth,
  groupCard,
  groupCode,
  websiteOf,
} from "./format.js";
import { type Field, type FieldType, type Website, yearAndMonth } from "./item.js";
import { type Generator, parseTotp, totpCode } from "./totp.js";

const DOTS = "••••••••••";
/** The circumference of the ring that shows how long a code is valid. */
const RING_LENGTH = 50;
/** Names of fields without a title. */
const NAMES: Partial<Record<FieldType, string>> = {
  Concealed: "Secret",
  Totp: "One-time password",
  CreditCardNumber: "Card number",
  Phone: "Phone",
  Email: "E-mail",
  Url: "Website",
  Address: "Address",
  Date: "Date",
};

/** Returns the rows of a field; none if it is empty. */
export function fieldRows(field: Field, share: Ticket): HTMLElement[] {
  const name = field.title.trim() === "" ? (NAMES[field.type] ?? "Field") : field.title;
  const { type, value } = field;
  const shown = (...content: Child[]) => [plainRow(name, value, ...content)];
  if (type === "Unsupported")
    return [row(name, valueOf(remark("This kind of field cannot be shown here.")), [])];
  if (value === "") return [];
  switch (type) {
    case "Concealed":
      return [concealedRow(name, value)];
    case "Totp":
      return [oneTimePasswordRow(name, value, share)];
    case "SshKey":
      return sshKeyRows(name, field);
    case "Reference":
      return [row(name, valueOf(remark("Another item, which is not part of this share.")), [])];
    case "Url":
      return shown(link(value));
    case "CreditCardNumber":
      return shown(element("span", { class: "mono" }, foreign(groupCard(value))));
    case "Date":
      return shown(element("time", { datetime: value }, formatDate(value)));
    case "MonthYear": {
      const month = yearAndMonth(value);
      return shown(month ? formatMonth(month) : value);
    }
    case "Address":
      return shown(
        ...addressLines(field.address ?? NO_ADDRESS).map((line) =>
          element("div", {}, foreign(line)),
        ),
      );
    default:
      return shown(foreign(value));
  }
}

export function websiteRow({ url, label }: Website): HTMLElement {
  return plainRow(label.trim() === "" ? "Website" : label, url, link(url));
}

export function row(name: string, value: Node, actions: Node[]): HTMLElement {
  return element(
    "div",
    { class: "row" },
    element("dt", {}, foreign(name)),
    element("dd", { class: "line" }, value, element("div", { class: "actions" }, ...actions)),
  );
}

const NO_ADDRESS = { street: "", city: "", state: "", zip: "", country: "" };

/** A row whose button copies `value`, whatever is shown. */
function plainRow(name: string, value: string, ...content: Child[]): HTMLElement {
  const place = valueOf(...content);
  return row(name, place, [
    copyButton(
      name,
      () => value,
      () => place,
    ),
  ]);
}

function concealedRow(name: string, value: string): HTMLElement {
  const text = element("div", { class: "mono" });
  const place = valueOf(text);
  let isShown = false;
  const [toggle, label] = action("Show", name, () => {
    isShown = !isShown;
    draw();
    announce(isShown ? `${name} is shown` : `${name} is hidden`);
  });
  const draw = () => {
    text.textContent = "";
    if (isShown) text.append(foreign(value));
    else
      text.append(
        element("span", { "aria-hidden": "true" }, DOTS),
        element("span", { class: "unseen" }, "hidden"),
      );
    label(isShown ? "Hide" : "Show");
  };
  draw();
  return row(name, place, [
    toggle,
    copyButton(
      name,
      () => value,
      () => place,
    ),
  ]);
}

function oneTimePasswordRow(name: string, value: string, share: Ticket): HTMLElement {
  const generator = parseTotp(value);
  if (typeof generator === "string") {
    const place = valueOf(remark("No code can be computed from what is stored."));
    return row(name, place, [
      copyButton(
        `${name}: what is stored`,
        () => value,
        () => place,
      ),
    ]);
  }
  const code = element("span", { class: "code" });
  const seconds = element("span", { class: "seconds" });
  const ring = timeRing();
  const place = valueOf(
    element(
      "div",
      { class: "one-time" },
      code,
      element("span", { class: "rest" }, ring.drawn, seconds),
    ),
  );
  let current = "";
  const made = row(name, place, [
    copyButton(
      name,
      () => current,
      () => place,
    ),
  ]);
  const keepCurrent = codes(generator, share, (next, secondsLeft) => {
    current = next;
    code.textContent = groupCode(next);
    seconds.textContent = `${secondsLeft} s`;
    ring.set(secondsLeft / generator.period);
    return made.isConnected;
  });
  // The row is put into the page before the first code is ready.
  keepCurrent();
  return made;
}

/** Calls `show` with each code and how long it is valid, once a second, until that returns `false`. */
function codes(
  generator: Generator,
  share: Ticket,
  show: (code: string, secondsLeft: number) => boolean,
): () => void {
  let computed: Promise<string> | undefined;
  let step = -1;
  const tick = async () => {
    if (isClockStale())
      await status(share).then(
        ({ now }) => setClock(now),
        () => undefined,
      );
    const now = serverNow() / 1000;
    if (Math.floor(now / generator.period) !== step) {
      step = Math.floor(now / generator.period);
      computed = totpCode(generator, now);
    }
    const secondsLeft = generator.period - (Math.floor(now) % generator.period);
    if (show(await (computed ?? ""), secondsLeft)) setTimeout(tick, 1000 - (serverNow() % 1000));
  };
  return () => void tick();
}

function timeRing(): { drawn: Element; set: (fraction: number) => void } {
  const circle = (name: string) => shape("circle", { class: name, cx: "10", cy: "10", r: "7.96" });
  const left = circle("left");
  const attributes = { viewBox: "0 0 20 20", class: "ring", "aria-hidden": "true" };
  const drawn = shape("svg", attributes, circle("whole"), left);
  const set = (fraction: number) => {
    left.setAttribute("stroke-dasharray", `${fraction * RING_LENGTH} ${RING_LENGTH}`);
  };
  return { drawn, set };
}

function sshKeyRows(name: string, { value, sshKey }: Field): HTMLElement[] {
  const rows = [concealedRow(name, value)];
  if (sshKey === undefined) return rows;
  const parts = [
    ["Public key", sshKey.publicKey],
    ["Fingerprint", sshKey.fingerprint],
    ["Key type", sshKey.keyType],
  ] as const;
  for (const [part, text] of parts) {
    if (text !== "")
      rows.push(plainRow(part, text, element("span", { class: "mono" }, foreign(text))));
  }
  return rows;
}

/** Links lead to websites only, and say where to. */
function link(text: string): HTMLElement {
  const url = websiteOf(text);
  if (url === undefined) return foreign(text);
  const attributes = { href: url.href, target: "_blank", rel: "noopener noreferrer" };
  const path = url.href.slice(url.origin.length).replace(/^\/$/, "");
  const scheme = url.protocol === "https:" ? "" : `${url.protocol}//`;
  return element(
    "a",
    attributes,
    element("bdi", { dir: "ltr" }, scheme, element("strong", {}, url.host), path),
    element("span", { class: "unseen" }, " (opens in a new tab)"),
  );
}

function valueOf(...content: Child[]): HTMLElement {
  return element("div", { class: "value" }, ...content);
}

function remark(text: string): HTMLElement {
  return element("span", { class: "remark" }, text);
}
