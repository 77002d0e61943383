// The public desktop app, as far as its library shows it: ci/desktop/library/app.c plays it.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const SOURCES = join(import.meta.dirname, "../../../../ci/desktop/library");

/** A command that runs another one, for which the app is installed. */
export const atItsPlace = join(SOURCES, "at-its-place");

/** Builds the library for the tests of a file. Returns its path, and that of the log of requests. */
export function buildLibrary() {
  const folder = mkdtempSync(join(tmpdir(), "opwire-app-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const library = join(folder, "libop_sdk_ipc_client.so");
  const log = join(folder, "log");
  execFileSync("gcc", [
    ...["-shared", "-fPIC", "-O1", "-pthread"],
    ...["-o", library, join(SOURCES, "app.c")],
  ]);
  process.env.APP_LOG = log;
  return { library, log };
}

/** The requests of an account so far. */
export function requests(log, account) {
  if (!existsSync(log)) return [];
  return readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, of]) => of === account)
    .map(([kind, , payload]) => ({ kind, payload }));
}
