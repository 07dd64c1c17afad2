import { SeededRandom } from '../../src/base/random.ts';
import type { Now } from '../../src/base/time.ts';
import type { Delta } from '../../src/gossip/delta.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import type { EndpointState } from '../../src/gossip/endpoint-state.ts';
import type { ExchangeStyle, GossipMessage } from '../../src/gossip/gossip-message.ts';
import { Gossiper, type GossipOutcome } from '../../src/gossip/gossiper.ts';

/** Unix seconds of the fixtures' clock. */
export const nowSeconds = 1_800_000_000;
export const now: Now = { monotonicMs: 0, wallMs: nowSeconds * 1_000 };

export const hostOf = (index: number): string => `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

export interface GossiperSetup {
  readonly style?: ExchangeStyle;
  readonly maxDeltaBytes?: number;
  readonly directory?: EndpointDirectory;
  readonly isBarred?: (hostId: string, generation: number) => boolean;
}

/** A gossiper that has not started. */
export function gossiperOf(index: number, setup: GossiperSetup = {}): Gossiper {
  return new Gossiper({
    hostId: hostOf(index),
    directory: setup.directory ?? new EndpointDirectory(),
    random: new SeededRandom(index),
    style: setup.style ?? 'pushPull',
    maxDeltaBytes: setup.maxDeltaBytes ?? 48 * 1024,
    isBarred: setup.isBarred ?? (() => false),
  });
}

/** A gossiper with a first step as a member makes it. */
export function started(index: number, generation: number, setup: GossiperSetup = {}): Gossiper {
  const gossiper = gossiperOf(index, setup);
  gossiper.start(generation, [
    ['TOKENS', `1,${index}`],
    ['STATUS', 'NORMAL,1'],
    ['DC', 'dc1'],
    ['SCHEMA', 's1'],
  ]);
  return gossiper;
}

/** Runs one exchange to its end and tells, in order, who received what and what came of it. */
export function exchange(
  [fromId, from]: readonly [string, Gossiper],
  [toId, to]: readonly [string, Gossiper],
): { readonly receiver: string; readonly message: GossipMessage; readonly outcome: GossipOutcome }[] {
  const steps: { receiver: string; message: GossipMessage; outcome: GossipOutcome }[] = [];
  let message: GossipMessage | null = from.syn();
  let [senderId, receiverId, receiver, other] = [fromId, toId, to, from];
  while (message !== null && steps.length < 10) {
    const outcome: GossipOutcome = receiver.receive(now, senderId, message);
    steps.push({ receiver: receiverId, message, outcome });
    message = outcome.reply;
    [senderId, receiverId, receiver, other] = [receiverId, senderId, other, receiver];
  }
  return steps;
}

/** Hands deltas over alone, as an ACK2. */
export const give = (to: Gossiper, from: string, deltas: readonly Delta[]): GossipOutcome =>
  to.receive(now, from, { kind: 'ack2', deltas });

/** What a state says, without versions of tombstones and floors: what two holders must agree on. */
export function said(state: EndpointState | null): unknown {
  if (state === null) return null;
  const values = [...state.values].flatMap(([key, { value, version }]) =>
    value === null ? [] : [[key, value, version] as const],
  );
  values.sort(([left], [right]) => (left < right ? -1 : 1));
  return { generation: state.generation, version: state.version, bulkVersion: state.bulkVersion, values };
}
