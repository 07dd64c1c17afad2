/** Times and bounds of the socket transport. Durations in ms. */
export interface TransportLimits {
  /** Name look-up, connection and handshake of a stream, together; for who accepts: handshake and first frame. */
  readonly connectTimeoutMs: number;
  /** A frame that has begun must be complete after this. Too low cuts slow links off; too high feeds a slow loris. */
  readonly frameTimeoutMs: number;
  /** The opener closes a stream after this long without traffic; who accepted it waits twice as long. */
  readonly idleTimeoutMs: number;
  /**
   * A stream that was written to and on which the peer said nothing for so long takes no more: the next message opens
   * another. A cut that drops packets in silence shows nowhere else, and TCP comes back to such a stream minutes later.
   */
  readonly silenceTimeoutMs: number;
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
  silenceTimeoutMs: 10_000,
  maxQueueBytes: 8 * 1_048_576,
  maxInboundStreams: 2_048,
  closeGraceMs: 500,
};
