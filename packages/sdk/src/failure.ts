import { OpwireError, type OpwireErrorDetails } from "./errors.js";
import { errorClasses } from "./generated/errors.js";

/** The error for the JSON text that the engine fails with: `{"name", "message", "retryable", ...}`. */
export function fromEngine(text: string): OpwireError {
  let failure: { name: string; message: string } & OpwireErrorDetails;
  try {
    failure = JSON.parse(text);
  } catch {
    return internalError("the engine failed without a reason");
  }
  return newError(failure.name, failure.message, failure);
}

/** An error of the kind `code`, of that kind's class where there is one. */
export function newError(
  code: string,
  message: string,
  details: OpwireErrorDetails = {},
): OpwireError {
  const Kind = errorClasses[code];
  return Kind ? new Kind(message, details) : new OpwireError(code, message, details);
}

/** A fault of opwire. */
export function internalError(details: string, cause?: unknown): OpwireError {
  const error = newError("Internal", `an internal error occurred: ${details}`);
  if (cause !== undefined)
    Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}

/** A value of the configuration that cannot be used. */
export function configurationError(message: string, field: string): OpwireError {
  return newError("InvalidConfiguration", message, { field });
}
