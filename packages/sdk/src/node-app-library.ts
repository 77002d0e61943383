import { realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { OpwireError } from "./errors.js";
import { configurationError, withCause } from "./failure.js";

/** What the library exports as an addon for Node. */
export interface AppLibrary {
  sendMessage(message: Uint8Array): Promise<Uint8Array>;
}

/** The variable that names the library. */
const VARIABLE = "OPWIRE_DESKTOP_LIBRARY";

// Several clients of a process share it.
const loaded = new Map<string, AppLibrary>();

/** Returns the paths at which the public desktop app has its library on this system. */
export function places(): string[] {
  switch (process.platform) {
    case "linux":
      return ["/usr/bin/1password", "/opt/1Password", "/snap/bin/1password"].map((folder) =>
        join(folder, "libop_sdk_ipc_client.so"),
      );
    case "darwin":
      return ["/", homedir()].map((folder) =>
        join(folder, "Applications/1Password.app/Contents/Frameworks/libop_sdk_ipc_client.dylib"),
      );
    case "win32": {
      const own = join(homedir(), "AppData/Local/1Password");
      const installed = ["C:/Program Files", "C:/Program Files (x86)"].map((folder) =>
        join(folder, "1Password/app/8"),
      );
      return [own, ...installed, join(own, "app/8")].map((folder) =>
        join(folder, "op_sdk_ipc_client.dll"),
      );
    }
    default:
      return [];
  }
}

/** Returns the path that the program or the environment names. */
export function namedLibrary(option: string | undefined): string | undefined {
  return option ?? (process.env[VARIABLE] || undefined);
}

/** Loads the library, unless other users can change it. */
export function loadLibrary(path: string): AppLibrary {
  const file = checked(path);
  const known = loaded.get(file);
  if (known) return known;
  const module = { exports: {} as Partial<AppLibrary> };
  try {
    process.dlopen(module, file);
  } catch (error) {
    throw unusable(`${file} cannot be loaded: ${(error as Error).message}`, error);
  }
  if (typeof module.exports.sendMessage !== "function")
    throw unusable(`${file} is not the library of the 1Password app: it has no sendMessage`);
  const library = module.exports as AppLibrary;
  loaded.set(file, library);
  return library;
}

/** Returns the path without links. Refuses a file that other users can change or replace. */
function checked(path: string): string {
  let file: string;
  try {
    file = realpathSync(path);
  } catch (error) {
    throw unusable(`${path} cannot be read: ${(error as Error).message}`, error);
  }
  const me = process.geteuid?.();
  // Windows has no modes. Its access lists protect the folders of programs, and those of a person.
  if (me === undefined) return file;
  for (const each of [file, dirname(file)]) {
    const { uid, mode } = statSync(each);
    if (uid !== 0 && uid !== me)
      throw unusable(`${each} belongs to another user, who could run any code in this program`);
    if ((mode & 0o022) !== 0)
      throw unusable(`other users can change ${each}: prevent it with \`chmod go-w\``);
  }
  return file;
}

function unusable(why: string, cause?: unknown): OpwireError {
  const error = configurationError(`the library of the desktop app: ${why}`, "library");
  return cause === undefined ? error : withCause(error, cause);
}
