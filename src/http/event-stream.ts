import type { ServerResponse } from 'node:http';
import type { EventSink } from './event-hub.ts';

/** Bytes that may wait for one listener, beside a single event of any size. */
const maxBacklogBytes = 4 * 1024 * 1024;

const keepAliveComment = Buffer.from(':\n\n');

/**
 * One listener's HTTP answer. Writing never waits: a listener that does not read fast enough is cut off, and resumes with
 * its last event id when it can. So no listener, however slow, costs the node more than the backlog (scenario G18).
 */
export class EventStream implements EventSink {
  readonly #response: ServerResponse;
  /** Bytes that waited at the last beat, and how many had left by then. */
  #waiting = 0;
  #written = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  send(frame: Buffer): void {
    const backlog = this.#response.writableLength;
    if (backlog > 0 && backlog + frame.length > maxBacklogBytes) this.#response.destroy();
    else this.#write(frame);
  }

  /** Also cuts off a listener that has read nothing at all since the last beat. */
  keepAlive(): void {
    const written = this.#response.socket?.bytesWritten ?? 0;
    if (this.#waiting > 0 && written - this.#response.writableLength <= this.#written) {
      this.#response.destroy();
      return;
    }
    this.#waiting = this.#response.writableLength;
    this.#written = written - this.#waiting;
    this.#write(keepAliveComment);
  }

  end(): void {
    this.#response.end();
    this.#response.destroy();
  }

  #write(bytes: Buffer): void {
    if (!this.#response.destroyed && !this.#response.writableEnded) this.#response.write(bytes);
  }
}
