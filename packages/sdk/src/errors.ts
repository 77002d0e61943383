/** What an error of opwire carries beside its message. */
export interface OpwireErrorDetails {
  /** Whether the same call may succeed when it is made again, unchanged. */
  retryable?: boolean | undefined;
  /** The parameter or member at fault. */
  field?: string | undefined;
  /** The HTTP status that the failure came from. */
  status?: number | undefined;
  /** The time that the server asks to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/** Every failure that opwire reports. The subclasses tell the kinds apart; so does `code`. */
export class OpwireError extends Error {
  /** The kind of failure, the same in every language, for instance `RateLimitExceeded`. */
  readonly code: string;
  /** Whether the same call may succeed when it is made again, unchanged. */
  readonly retryable: boolean;
  /** The parameter or member at fault, where one is. */
  declare readonly field?: string;
  /** The HTTP status that the failure came from. */
  declare readonly status?: number;
  /** The time that the server asks to wait, in milliseconds. */
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
