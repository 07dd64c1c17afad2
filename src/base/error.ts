/**
 * The one error type of the project. Every code stands in one table with what the reader can do about it; HTTP status
 * and exit code are derived from the code, in `api/` and `cli/`, in one place each.
 */

/**
 * Code → whether the same call can succeed later without anybody changing anything.
 * A code never changes its meaning; new ones are added at the end of their group.
 */
const retryableByCode = {
  // Input of a user, an application or an operator.
  INVALID_ARGUMENT: false,
  INVALID_CONFIG: false,
  INVALID_ADDRESS: false,
  INVALID_KEY: false,
  TOO_LARGE: false,
  UNKNOWN_KEYSPACE: false,
  UNKNOWN_DATACENTER: false,
  UNKNOWN_NODE: false,
  UNKNOWN_OPERATION: false,
  NOT_FOUND: false,
  UNSUPPORTED: false,
  UNAUTHORIZED: false,
  // Start.
  ADDRESS_IN_USE: false,
  STORE_IN_USE: false,
  STORE_DAMAGED: false,
  STORE_OF_OTHER_CLUSTER: false,
  STORE_FORMAT: false,
  CLOCK_OFF: false,
  SEEDS_UNREACHABLE: true,
  ADDRESS_TAKEN: false,
  CONFIG_CHANGED: false,
  INSECURE: false,
  HOST_ID_COPIED: false,
  REMOVED: false,
  // The ring.
  OPERATION_OPEN: true,
  NO_MAJORITY: true,
  FORKED: false,
  REFUSED: false,
  SUPERSEDED: true,
  STALE_ROUTE: false,
  DRAINED: false,
  // Time and reach.
  TIMEOUT: true,
  UNAVAILABLE: true,
  STOPPED: false,
  DISAGREEMENT: true,
  /** A fault of our own that concerned one request alone. */
  INTERNAL: false,
} as const;

export type RingErrorCode = keyof typeof retryableByCode;

export const ringErrorCodes = Object.keys(retryableByCode) as RingErrorCode[];

/** Typed facts beside the message, for programs: JSON values only. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface RingErrorOptions {
  /** What to do about it, one imperative sentence. Shown after the message. */
  readonly hint?: string;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/**
 * What went wrong, as got / expected, and what to do.
 * Unless a method's own docstring says otherwise, state is unchanged when one is thrown.
 */
export class RingError extends Error {
  override readonly name = 'RingError';
  readonly code: RingErrorCode;
  readonly retryable: boolean;
  readonly hint: string | null;
  readonly details: ErrorDetails;

  constructor(code: RingErrorCode, message: string, options: RingErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = retryableByCode[code];
    this.hint = options.hint ?? null;
    this.details = options.details ?? {};
  }
}

/** A broken invariant of our own: the process stops, the simulator fails with its seed. Never caused by input. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}
