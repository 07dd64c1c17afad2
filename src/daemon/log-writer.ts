import { write, writeSync } from 'node:fs';

/** What may wait for a slow reader, in characters; more is dropped. */
const maxHeld = 8 * 1_048_576;
/** How often, and how many times at the end, a pipe that is full is tried again. */
const retryMs = 10;
const lastTries = 50;

/**
 * Writes lines to a file descriptor off the loop and in order, so that a slow reader of the log never delays a heartbeat. A
 * full disk or a reader that went away costs lines and nothing else: what cannot be written is dropped, and the end waits
 * half a second at most. (The destination that comes with pino tries for ever to write out what is left, and so keeps alive
 * a process that should have ended.)
 */
export class LogWriter {
  readonly #fd: number;
  #held: string[] = [];
  #heldLength = 0;
  /** What waits until a full pipe takes more. */
  #stuck: Buffer | null = null;
  #writing = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    if (this.#heldLength + line.length > maxHeld) return;
    this.#held.push(line);
    this.#heldLength += line.length;
    if (!this.#writing) this.#write(this.#take());
  }

  /** Writes out what is held, if that can be done soon. */
  flush(): void {
    let rest = Buffer.concat([this.#stuck ?? Buffer.alloc(0), this.#take()]);
    this.#stuck = null;
    for (let tries = 0; rest.length > 0 && tries < lastTries; ) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        if (!isFull(error)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
        tries++;
      }
    }
  }

  #take(): Buffer {
    const bytes = Buffer.from(this.#held.join(''));
    this.#held = [];
    this.#heldLength = 0;
    return bytes;
  }

  #write(bytes: Buffer): void {
    this.#writing = true;
    write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      const left = error === null ? bytes.subarray(written) : bytes;
      if (error !== null && isFull(error)) {
        this.#stuck = left;
        setTimeout(() => this.#goOn(), retryMs).unref();
      } else if (error === null && left.length > 0) this.#write(left);
      else this.#goOn();
    });
  }

  #goOn(): void {
    const next = this.#stuck ?? this.#take();
    this.#stuck = null;
    if (next.length > 0) this.#write(next);
    else this.#writing = false;
  }
}

const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';
