/** Times and bounds of the socket transport. Durations in ms. */
export interface TransportLimits {
  /** Name look-up, connection and handshake of a stream, together; for who accepts: handshake and first frame. */
  readonly connectTimeoutMs: number;
  /** A frame that has begun must be complete after this. Too low cuts slow links off; too high feeds a slow loris. */
  readonly frameTimeoutMs: number;
  /** The opener closes a stream after this long without traffic; who accepted it waits twice as long. */
  readonly idleTimeoutMs: number;
  /** What may wait on one stream before messages are refused with `sendFailed`. */
  readonly maxQueueBytes: number;
  readonly maxInboundStreams: number;
  /** How long `close` waits for what is still to be written. */
  readonly closeGraceMs: number;
}

export const defaultTransportLimits: TransportLimits = {
  connectTimeoutMs: 3_000,
  frameTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  maxQueueBytes: 8 * 1_048_576,
  maxInboundStreams: 2_048,
  closeGraceMs: 500,
};
