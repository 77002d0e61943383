// Values as people read them. The page is in English, and dates are in the reader's kind of it.

import type { Address } from "./item.js";

const locale = navigator.languages.find((language) => /^en\b/i.test(language)) ?? "en-GB";
const CARD_GROUPS: readonly [RegExp, RegExp][] = [
  [/^3[47]/, /^(\d{4})(\d{1,6})?(\d+)?$/],
  [/^/, /.{1,4}/g],
];
const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** `2026-11-22` as a date, whatever the time zone. */
export function formatDate(value: string): string {
  const time = new Date(`${value}T00:00:00Z`);
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(time);
}

export function formatMonth([year, month]: [number, number]): string {
  const how = { month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale, how).format(Date.UTC(year, month - 1));
}

/** A time, in the time zone of the reader. */
export function formatTime(time: number): string {
  const how = { dateStyle: "long", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(locale, how).format(time);
}

/** The hour and minute of a time. */
export function formatClock(time: number): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(time);
}

/** A length of time, such as `6 days`. */
export function formatDuration(seconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => seconds >= 1.5 * length) ?? ["minute", 60];
  return plural(Math.max(1, Math.round(seconds / length)), unit);
}

export function formatSize(bytes: number): string {
  if (bytes < 1000) return plural(bytes, "byte");
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${["", "KB", "MB", "GB"][power]}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The digits of a card in its groups. Other texts stay as they are. */
export function groupCard(value: string): string {
  const digits = value.replace(/[ -]/g, "");
  if (!/^\d{12,19}$/.test(digits)) return value;
  const [, groups] = CARD_GROUPS.find(([prefix]) => prefix.test(digits)) ?? [];
  const found = groups?.global ? digits.match(groups) : groups?.exec(digits)?.slice(1);
  return found?.filter(Boolean).join(" ") ?? value;
}

/** A code in two halves, which are easier to type. */
export function groupCode(code: string): string {
  const half = Math.ceil(code.length / 2);
  return code.length < 6 ? code : `${code.slice(0, half)} ${code.slice(half)}`;
}

export function addressLines({ street, city, state, zip, country }: Address): string[] {
  const place = [city, [state, zip].filter(Boolean).join(" ")].filter(Boolean).join(", ");
  return [...street.split("\n"), place, countryName(country)].filter(Boolean);
}

/** What a link leads to; `undefined` unless it is a website. */
export function websiteOf(text: string): URL | undefined {
  const bare = /^[\w-]+(\.[\w-]+)*\.[a-z]{2,}(:\d+)?([/?#]|$)/i.test(text);
  try {
    const url = new URL(bare ? `https://${text}` : text);
    // A name before the host makes a link look as if it led elsewhere.
    const isPlain = url.username === "" && url.password === "";
    return /^https?:$/.test(url.protocol) && isPlain ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The name under which a file may be saved. */
export function safeFileName(name: string): string {
  const allowed = Array.from(name, (character) =>
    isHidden(character) || /[\\/:*?"<>|\n\t]/.test(character) ? "_" : character,
  );
  // Hidden files, and endings that Windows drops.
  const trimmed = allowed.join("").replace(/^[.\s]+|[.\s]+$/g, "");
  const [, stem = "", ending = ""] = /^(.*?)(\.[^.]{1,16})?$/s.exec(trimmed) ?? [];
  const short = Array.from(stem).slice(0, 60).join("") + ending;
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short) ? `_${short}` : short || "file";
}

/** Whether a character is not seen, or changes the direction of others: text could look like another one. */
export function isHidden(character: string): boolean {
  return /^[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\u{e0000}-\u{e007f}]$/u.test(
    character,
  );
}

function countryName(code: string): string {
  if (!/^[a-z]{2}$/i.test(code)) return code;
  try {
    return new Intl.DisplayNames(locale, { type: "region" }).of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}
