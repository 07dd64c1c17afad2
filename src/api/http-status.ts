import type { RingErrorCode } from '../base/error.ts';

const statusByCode: Readonly<Record<RingErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  INVALID_CONFIG: 400,
  INVALID_ADDRESS: 400,
  INVALID_KEY: 400,
  TOO_LARGE: 413,
  UNKNOWN_KEYSPACE: 404,
  UNKNOWN_DATACENTER: 400,
  UNKNOWN_NODE: 404,
  UNKNOWN_OPERATION: 404,
  NOT_FOUND: 404,
  UNSUPPORTED: 501,
  UNAUTHORIZED: 401,
  // Errors of a start: nobody listens yet when they happen.
  ADDRESS_IN_USE: 500,
  STORE_IN_USE: 500,
  STORE_DAMAGED: 500,
  STORE_OF_OTHER_CLUSTER: 500,
  STORE_FORMAT: 500,
  CLOCK_OFF: 500,
  SEEDS_UNREACHABLE: 503,
  ADDRESS_TAKEN: 500,
  CONFIG_CHANGED: 500,
  INSECURE: 500,
  HOST_ID_COPIED: 500,
  REMOVED: 410,
  OPERATION_OPEN: 409,
  NO_MAJORITY: 503,
  FORKED: 409,
  REFUSED: 409,
  SUPERSEDED: 409,
  STALE_ROUTE: 409,
  DRAINED: 503,
  TIMEOUT: 504,
  UNAVAILABLE: 503,
  STOPPED: 503,
  DISAGREEMENT: 409,
  INTERNAL: 500,
};

/** The one place where an error becomes an HTTP status. */
export function httpStatusOf(code: RingErrorCode): number {
  return statusByCode[code];
}
