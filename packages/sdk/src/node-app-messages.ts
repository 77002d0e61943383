// The messages of the public desktop app's library.

import type { OpwireError } from "./errors.js";
import { newError, withCause } from "./failure.js";
import { fromNumbers } from "./numbers.js";

/** A request, whose payload is the text that the core would get. */
export function encodeRequest(
  kind: "init_client" | "invoke" | "release_client",
  account: string,
  payload: string,
): Uint8Array {
  const encoded = Buffer.from(payload).toString("base64");
  return Buffer.from(JSON.stringify({ kind, account_name: account, payload: encoded }));
}

/** Returns the text of the answer. Throws the failure that it may be. */
export function decodeAnswer(answer: Uint8Array): string {
  let success: unknown;
  let text: string;
  try {
    const { payload, ...rest } = JSON.parse(Buffer.from(answer).toString());
    success = rest.success;
    const bytes =
      typeof payload === "string" ? Buffer.from(payload, "base64") : fromNumbers(payload);
    text = Buffer.from(bytes).toString();
  } catch (error) {
    throw withCause(
      newError("InvalidResponse", "the answer of the 1Password app cannot be read"),
      error,
    );
  }
  if (success === true) return text;
  throw failure(text);
}

/** The kinds of failures after which the same call may succeed. The app does not say it. */
export const RETRYABLE = new Set([
  "DesktopSessionExpired",
  "AgentUnavailable",
  "RateLimitExceeded",
  "ServerError",
  "Timeout",
  "Network",
]);

/** Returns the error for the text of a failure: JSON with a name and a message, or any text. */
function failure(text: string): OpwireError {
  try {
    const { name, message, ...details } = JSON.parse(text);
    if (typeof name === "string" && typeof message === "string")
      return newError(name, message, { retryable: RETRYABLE.has(name), ...details });
  } catch {
    // It is not JSON.
  }
  return newError("Unknown", text);
}

const CLOSED = "it does not listen";
const DROPPED = "it dropped the connection";

/** What the return codes of the library mean. */
const CODES: Record<number, string> =
  process.platform === "darwin" ? { [-3]: CLOSED, [-7]: DROPPED } : { [-2]: CLOSED, [-5]: DROPPED };

/** Returns the error for what the library itself fails with. */
export function transportFailure(error: unknown): OpwireError {
  const { message } = error as Error;
  const code = /^-?\d+$/.test(message) ? Number(message) : undefined;
  const known = code === undefined ? message : CODES[code];
  if (known === undefined) {
    return newError(
      "Internal",
      `an internal error occurred. Please contact 1Password support and mention the return code: ${code}`,
    );
  }
  const advice =
    'start it, unlock it, and switch on "Integrate with other apps" in its settings for developers';
  return withCause(
    newError("AgentUnavailable", `the 1Password app cannot be reached: ${known}: ${advice}`, {
      retryable: true,
    }),
    error,
  );
}
