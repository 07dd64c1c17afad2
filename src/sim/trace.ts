import { createHash, type Hash } from 'node:crypto';
import type { Input } from '../node/core-io.ts';

/**
 * The history of a world as text, one line an input: virtual time in ms, node, and what it took. Two runs are the same
 * if their traces are, byte for byte; the digest says so without keeping them.
 */
export class Trace {
  readonly #hash: Hash = createHash('sha256');
  readonly #keep: boolean;
  readonly lines: string[] = [];

  /** `keep`: the lines are kept, for people; else only their digest is. */
  constructor(keep = false) {
    this.#keep = keep;
  }

  took(nowMs: number, address: string, input: Input): void {
    const line = `${nowMs} ${address} ${wordsOf(input)}\n`;
    this.#hash.update(line);
    if (this.#keep) this.lines.push(line);
  }

  /** SHA-256 of all lines so far, in hexadecimal. */
  get digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

function wordsOf(input: Input): string {
  switch (input.kind) {
    case 'message':
      return `${input.message.kind} from ${input.from.hostId} by ${input.channel}: ${JSON.stringify(input.message, plain)}`;
    case 'timer':
      return `timer ${JSON.stringify(input.timer)}`;
    case 'command':
      return `command ${JSON.stringify(input.command, plain)}`;
    case 'committed':
      return `committed ${input.batch.length}`;
    case 'sendFailed':
      return `sendFailed to ${input.to.address}`;
    case 'stalled':
      return `stalled ${input.forMs}`;
    case 'overloaded':
      return `overloaded ${input.overloaded}`;
    case 'start':
      return `start as ${input.freshHostId} ${input.bootNonce}`;
    case 'seeds':
      return `seeds ${input.seeds.length}`;
  }
}

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
