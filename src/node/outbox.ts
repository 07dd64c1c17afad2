import type { HostId } from '../base/id.ts';
import type { Destination, Effects } from './core-io.ts';
import type { Message, SingleMessage } from './message.ts';
import { bundleHeadBytes, sizeInBundle } from './message-bytes.ts';

/** What may be added to the last datagram of a step to a host: `carried` are the messages that it holds already. */
export type RiderSource = (
  roomBytes: number,
  carried: readonly SingleMessage[],
  to: HostId,
) => readonly SingleMessage[];

/** How many parcels are looked through for one to the same destination. */
const looksBack = 32;

interface Parcel {
  readonly to: Destination;
  readonly messages: SingleMessage[];
}

/**
 * Joins what one step sends to one destination into as few datagrams as hold it, and lets others ride in the room that is
 * left: a probe carries the roots, and rumors as far as there is room. A datagram costs 60 bytes before its first byte of
 * ours, so that a joined message is nearly free.
 */
export class Outbox {
  readonly #maxDatagramBytes: number;
  readonly #riders: RiderSource;
  #parcels: Parcel[] = [];

  constructor(maxDatagramBytes: number, riders: RiderSource) {
    this.#maxDatagramBytes = maxDatagramBytes;
    this.#riders = riders;
  }

  /** Takes a message that fits a datagram; it leaves with `flush`. */
  add(to: Destination, message: SingleMessage): void {
    // What goes to one host is mostly said in one breath: a few looks back find it.
    for (let at = this.#parcels.length - 1; at >= Math.max(0, this.#parcels.length - looksBack); at--) {
      const parcel = this.#parcels[at]!;
      if (parcel.to.address !== to.address || parcel.to.hostId !== to.hostId) continue;
      parcel.messages.push(message);
      return;
    }
    this.#parcels.push({ to, messages: [message] });
  }

  /** The step is over: everything leaves. */
  flush(effects: Effects): void {
    if (this.#parcels.length === 0) return;
    const parcels = this.#parcels;
    this.#parcels = [];
    for (const { to, messages } of parcels) {
      let part: SingleMessage[] = [];
      let bytes = bundleHeadBytes;
      const put = (message: SingleMessage): void => {
        const size = sizeInBundle(message);
        if (part.length > 0 && bytes + size > this.#maxDatagramBytes) {
          effects.send(to, 'datagram', joined(part));
          part = [];
          bytes = bundleHeadBytes;
        }
        part.push(message);
        bytes += size;
      };
      for (const message of messages) put(message);
      if (to.hostId !== null) {
        for (const rider of this.#riders(this.#maxDatagramBytes - bytes, part, to.hostId)) put(rider);
      }
      effects.send(to, 'datagram', joined(part));
    }
  }
}

const joined = (messages: readonly SingleMessage[]): Message =>
  messages.length === 1 ? messages[0]! : { kind: 'bundle', messages };
