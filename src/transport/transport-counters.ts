import { type Rejection, type RejectionReason, rejectionReasons } from '../wire/rejection.ts';

/** What a transport did since it was opened. Read by metrics; only the transport writes it. */
export class TransportCounters {
  /** Datagrams that were authentic messages, and that were sent. */
  datagramsIn = 0;
  datagramsOut = 0;
  /** Messages by stream. */
  streamMessagesIn = 0;
  streamMessagesOut = 0;
  /** Payloads of UDP and TCP, envelopes included, whether accepted or not; without IP, UDP and TCP headers. */
  bytesIn = 0;
  bytesOut = 0;
  streamsOpened = 0;
  streamsAccepted = 0;
  /** Of those opened and accepted. */
  streamsClosed = 0;
  sendsFailed = 0;
  readonly rejected: Record<RejectionReason, number> = Object.fromEntries(
    rejectionReasons.map((reason) => [reason, 0]),
  ) as Record<RejectionReason, number>;

  reject({ reason }: Rejection): void {
    this.rejected[reason]++;
  }

  get rejectedInAll(): number {
    return Object.values(this.rejected).reduce((sum, count) => sum + count, 0);
  }
}
