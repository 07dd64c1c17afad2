import type { ServerResponse } from 'node:http';
import type { EventSink } from './event-hub.ts';

/** Bytes that may wait for one listener, beside a single event of any size. */
const maxBacklogBytes = 4 * 1024 * 1024;

const keepAliveComment = Buffer.from(':\n\n');

/** A listener that took nothing for this many beats is gone. */
const maxIdleBeats = 3;

/**
 * One listener's HTTP answer. Writing never waits: a listener that does not read fast enough is cut off, and resumes with
 * its last event id when it can. So no listener, however slow, costs the node more than the backlog (scenario G18).
 */
export class EventStream implements EventSink {
  readonly #response: Pick<ServerResponse, 'writableLength' | 'destroyed' | 'write' | 'end' | 'destroy' | 'socket'>;
  /** Bytes that the listener had taken at the last beat, and for how many beats it took none of those that wait. */
  #takenBytes = 0;
  #idleBeats = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  send(frame: Buffer): void {
    const backlog = this.#response.writableLength;
    if (backlog > 0 && backlog + frame.length > maxBacklogBytes) this.#response.destroy();
    else this.#write(frame);
  }

  keepAlive(): void {
    const waiting = this.#response.writableLength;
    const takenBytes = (this.#response.socket?.bytesWritten ?? 0) - waiting;
    this.#idleBeats = waiting > 0 && takenBytes <= this.#takenBytes ? this.#idleBeats + 1 : 0;
    this.#takenBytes = takenBytes;
    if (this.#idleBeats >= maxIdleBeats) this.#response.destroy();
    // Whoever has bytes waiting hears from us as soon as it reads.
    else if (waiting === 0) this.#write(keepAliveComment);
  }

  end(): void {
    this.#response.end();
    this.#response.destroy();
  }

  #write(bytes: Buffer): void {
    if (!this.#response.destroyed) this.#response.write(bytes);
  }
}
