/** The members of an error of opwire besides its code and message. */
export interface OpwireErrorDetails {
  /** Whether the same call may succeed when it is retried. */
  retryable?: boolean | undefined;
  /** The parameter or member at fault. */
  field?: string | undefined;
  /** The HTTP status that caused the failure. */
  status?: number | undefined;
  /** How long the server asks to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/** A failure that opwire reports. Each kind has a subclass and a `code`. */
export class OpwireError extends Error {
  /** The kind of failure, the same in every language, for instance `RateLimitExceeded`. */
  readonly code: string;
  /** Whether the same call may succeed when it is retried. */
  readonly retryable: boolean;
  /** The parameter or member at fault, if there is one. */
  declare readonly field?: string;
  /** The HTTP status that caused the failure. */
  declare readonly status?: number;
  /** How long the server asks to wait, in milliseconds. */
  declare readonly retryAfterMs?: number;

  constructor(code: string, message: string, details: OpwireErrorDetails = {}) {
    super(message);
    this.name = `${code}Error`;
    this.code = code;
    this.retryable = details.retryable ?? false;
    if (details.field !== undefined) this.field = details.field;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}
