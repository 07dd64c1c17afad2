import type { RingError } from '../base/error.ts';
import type { Address, HostId } from '../base/id.ts';
import type { Command } from './command.ts';
import type { Channel, Message } from './message.ts';
import type { NodeEvent } from './node-event.ts';
import type { StoredState, StoreRecord } from './store-record.ts';
import type { Timer } from './timer.ts';

/**
 * The seam between the pure core and its driver (after foca's Runtime and etcd/raft's Ready). One door in, `step`, and a
 * small sink out. The driver's duties:
 *
 * 1. `start` first, once, with all that the store holds.
 * 2. `commit`: write the batch atomically and durably, then give it back as `committed`, in order. The core says nothing
 *    of such a record before that; no other send waits for the disk.
 * 3. `save`: write within a second; may be lost in a crash. A later `commit` never overtakes an earlier `save`.
 * 4. `schedule`: give the timer back after `delayMs`. Nothing is cancelled: the core ignores stale timers by their mark.
 * 5. `send` is best effort. A stream that cannot be opened or breaks comes back as `sendFailed`.
 * 6. `stalled` when the driver notices that its own loop did not run for a while; `overloaded` when it runs late all the
 *    time, and when that is over.
 */
export type Input =
  | {
      readonly kind: 'start';
      readonly stored: StoredState;
      /** Host id for a store that has none yet. */
      readonly freshHostId: HostId;
      /** 16 hex characters, random at each start, never stored; also the sender of every frame of this process. */
      readonly bootNonce: string;
      /** The address to advertise, ports resolved. */
      readonly address: Address;
      readonly httpAddress: Address | null;
    }
  | { readonly kind: 'message'; readonly from: Source; readonly channel: Channel; readonly message: Message }
  | { readonly kind: 'timer'; readonly timer: Timer }
  | { readonly kind: 'command'; readonly id: number; readonly command: Command }
  | { readonly kind: 'committed'; readonly batch: readonly StoreRecord[] }
  /** The seeds, resolved anew: every name with the addresses it leads to now. */
  | { readonly kind: 'seeds'; readonly seeds: readonly Seed[] }
  | { readonly kind: 'sendFailed'; readonly to: Destination }
  | { readonly kind: 'stalled'; readonly forMs: number }
  | { readonly kind: 'overloaded'; readonly overloaded: boolean };

/** Where a message came from: all of it authenticated but `replyTo`. */
export interface Source {
  readonly hostId: HostId;
  /** The sender's boot nonce, as the frame proves it. */
  readonly bootNonce: string;
  /** Where an answer on the same channel goes: a socket address, or a handle of the stream it came by. */
  readonly replyTo: Address;
}

export interface Destination {
  /** Whom the frame is bound to: nobody else can open it. Null only for messages of the shadow round. */
  readonly hostId: HostId | null;
  readonly address: Address;
}

/** One entry of the seed list. `literal`: given as host:port by the operator, so it counts for founding. */
export interface Seed {
  readonly name: string;
  readonly literal: boolean;
  /** Empty while the name does not resolve. */
  readonly addresses: readonly Address[];
}

export type CommandResult = { readonly ok: unknown } | { readonly error: RingError };

export interface Effects {
  send(to: Destination, channel: Channel, message: Message): void;
  schedule(timer: Timer, delayMs: number): void;
  save(record: StoreRecord): void;
  commit(batch: readonly StoreRecord[]): void;
  complete(commandId: number, result: CommandResult): void;
  emit(event: NodeEvent): void;
}
