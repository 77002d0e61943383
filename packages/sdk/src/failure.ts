import { OpwireError, type OpwireErrorDetails } from "./errors.js";
import { errorClasses } from "./generated/errors.js";

/** The network failure that caused a failure. It has an `id` if the engine's host keeps the error itself. */
interface Cause {
  kind: string;
  message: string;
  id?: number;
}

/** Node's codes for the kinds of causes that have one. */
const CODES: Record<string, string> = {
  dns: "ENOTFOUND",
  refused: "ECONNREFUSED",
  interrupted: "ECONNRESET",
  timeout: "ETIMEDOUT",
};

/**
 * Returns the error for the JSON text that the engine fails with: `{"name", "message", "retryable", ...}`. `kept`
 * returns the cause that the engine's host keeps under an id.
 */
export function fromEngine(text: string, kept?: (id: number) => unknown): OpwireError {
  let failure: { name: string; message: string; cause?: Cause } & OpwireErrorDetails;
  try {
    failure = JSON.parse(text);
  } catch {
    return internalError("the engine failed without a reason");
  }
  const error = newError(failure.name, failure.message, failure);
  const { cause } = failure;
  return cause ? withCause(error, kept?.(cause.id ?? -1) ?? madeOf(cause)) : error;
}

function madeOf({ kind, message }: Cause): Error {
  const code = CODES[kind];
  return Object.assign(new Error(message), code && { code });
}

/** Adds the cause as the language does, as a member that is not enumerable. */
export function withCause(error: OpwireError, cause: unknown): OpwireError {
  return Object.defineProperty(error, "cause", {
    value: cause,
    configurable: true,
    writable: true,
  });
}

/** Returns an error of the kind `code`, of that kind's class if there is one. */
export function newError(
  code: string,
  message: string,
  details: OpwireErrorDetails = {},
): OpwireError {
  const Kind = errorClasses[code];
  return Kind ? new Kind(message, details) : new OpwireError(code, message, details);
}

/** Returns the error for a fault of opwire itself. */
export function internalError(details: string, cause?: unknown): OpwireError {
  const error = newError("Internal", `an internal error occurred: ${details}`);
  return cause === undefined ? error : withCause(error, cause);
}

/** Returns the error for a value of the configuration that cannot be used. */
export function configurationError(message: string, field: string): OpwireError {
  return newError("InvalidConfiguration", message, { field });
}
