import { type KeyAccess, keyAccess } from '../../src/ring/key-access.ts';
import { meetingEveryQuorum } from '../../src/ring/quorum.ts';
import { transfersOf } from '../../src/ring/range-transfer.ts';
import { member } from './rings.ts';

/** What of the rules of an operation holds in a model: all do in the product. */
export interface StepRules {
  /** `switch` waits until enough replicas know `begin`; and so do the movements. */
  readonly beginIsAcknowledged: boolean;
  /** `end` waits until enough replicas know `switch`. */
  readonly switchIsAcknowledged: boolean;
  /** It waits for as many of the replicas after, too. */
  readonly newReplicasKnowSwitch: boolean;
  /** `switch` waits for the movements. */
  readonly dataIsMoved: boolean;
  /** A movement reads only sources that know `begin`. */
  readonly sourcesKnow: boolean;
}

export const allRules: StepRules = {
  beginIsAcknowledged: true,
  switchIsAcknowledged: true,
  newReplicasKnowSwitch: true,
  dataIsMoved: true,
  sourcesKnow: true,
};

/** What a replica has of the one write: nothing; a copy that a movement brought; refused by its guard; acknowledged. */
const writes = { none: 0, moved: 1, refused: 2, acknowledged: 3 } as const;
const views = ['before begin', 'begin', 'switch', 'end'] as const;
const unwritten = 4;

interface State {
  /** How far the records are decided, as a place in `views`. */
  readonly step: number;
  /** By whose view the write was routed. */
  readonly writer: number;
  /** How far each host knows the records. */
  readonly knows: readonly number[];
  readonly held: readonly number[];
  /** Sources that each transfer has read, one bit a host. */
  readonly read: readonly number[];
}

/**
 * Every interleaving of one change of one key's replicas with one quorum write and one quorum read, as far as no host is
 * trusted to hear anything in time: records are decided as soon as the rules allow, each replica and each coordinator
 * learns of them any time later, the write comes to each replica any time after it began, and a movement reads its sources
 * one by one. A loser that is held for dead is not read, though it still answers clients. Guards are as `RouteGuard` has
 * them; write and read sets, numbers of acknowledgements and transfers are the product's own.
 *
 * A read that begins once the write is acknowledged may be taken as one moment: replicas only gain data and only grow
 * stricter, so that its first moment is where it misses most.
 *
 * Answers the shortest story in which the read misses the write, or null: there is none.
 */
export function missedWrite(before: string, after: string, rules: StepRules): string[] | null {
  const names = [...new Set(before + after)].sort();
  const place = (hostId: string): number => names.indexOf(hostId);
  const [old, next] = [before, after].map((text) => [...text].map((name) => member(name, []))) as [
    ReturnType<typeof member>[],
    ReturnType<typeof member>[],
  ];
  const accesses: KeyAccess[] = [
    keyAccess(old, old, null),
    keyAccess(old, next, 'begin'),
    keyAccess(old, next, 'switch'),
    keyAccess(next, next, null),
  ];
  const transfers = transfersOf({ before: old, after: next });

  const know = ({ knows }: State, hosts: typeof old, view: number): number =>
    hosts.filter(({ hostId }) => knows[place(hostId)]! >= view).length;
  const acknowledged = (state: State, view: number): boolean =>
    (view === 1 || rules.newReplicasKnowSwitch ? [old, next] : [old]).every(
      (hosts) => know(state, hosts, view) >= meetingEveryQuorum(hosts.length),
    );
  const moved = ({ read }: State): boolean =>
    transfers.every(({ loser, others, neededOfOthers }, index) => {
      const isRead = ({ hostId }: { hostId: string }): boolean => ((read[index]! >> place(hostId)) & 1) === 1;
      return (loser !== null && isRead(loser)) || others.filter(isRead).length >= neededOfOthers;
    });
  const mayGoOn = (state: State): boolean => {
    if (state.step === 1) {
      return (!rules.beginIsAcknowledged || acknowledged(state, 1)) && (!rules.dataIsMoved || moved(state));
    }
    return state.step === 0 || (state.step === 2 && (!rules.switchIsAcknowledged || acknowledged(state, 2)));
  };
  const put = (list: readonly number[], index: number, value: number): number[] =>
    list.map((each, at) => (at === index ? value : each));

  function* following(state: State): Generator<[string, State]> {
    const { step, writer, knows, held, read } = state;
    if (mayGoOn(state)) yield [`${views[step + 1]} is decided`, { ...state, step: step + 1 }];
    for (const [host, name] of names.entries()) {
      if (knows[host]! < step) {
        yield [`${name} hears of ${views[knows[host]! + 1]}`, { ...state, knows: put(knows, host, knows[host]! + 1) }];
      }
    }
    if (writer === unwritten) {
      for (let view = 0; view <= step; view++) yield [`a write by ${views[view]}`, { ...state, writer: view }];
    } else {
      for (const { hostId } of accesses[writer]!.writeReplicas) {
        const host = place(hostId);
        if (held[host]! >= writes.refused) continue;
        const took = knows[host]! > writer ? writes.refused : writes.acknowledged;
        yield [
          `it comes to ${hostId}: ${took === writes.refused ? 'stale' : 'yes'}`,
          { ...state, held: put(held, host, took) },
        ];
      }
    }
    if (step !== 1 || (rules.beginIsAcknowledged && !acknowledged(state, 1))) return;
    for (const [index, { target, loser, others }] of transfers.entries()) {
      const to = place(target.hostId);
      for (const { hostId } of [...(loser === null ? [] : [loser]), ...others]) {
        const from = place(hostId);
        if (((read[index]! >> from) & 1) === 1 || (rules.sourcesKnow && knows[from]! < 1)) continue;
        const copied = held[from]! > 0 ? Math.max(held[to]!, writes.moved) : held[to]!;
        const after = { ...state, held: put(held, to, copied), read: put(read, index, read[index]! | (1 << from)) };
        yield [`${target.hostId} reads ${hostId}`, after];
      }
    }
  }
  const missedBy = ({ step, writer, knows, held }: State): string | null => {
    if (writer === unwritten) return null;
    const acks = held.filter((each) => each === writes.acknowledged).length;
    if (acks < accesses[writer]!.requiredWriteAcks) return null;
    for (let view = 0; view <= step; view++) {
      const { replicas, requiredReads } = accesses[view]!;
      const lack = replicas.filter(({ hostId }) => held[place(hostId)] === 0 && knows[place(hostId)]! <= view);
      if (lack.length >= requiredReads) {
        return `a read by ${views[view]} asks ${lack.map(({ hostId }) => hostId).join(' and ')}`;
      }
    }
    return null;
  };

  const none = names.map(() => 0);
  const first: State = { step: 0, writer: unwritten, knows: none, held: none, read: transfers.map(() => 0) };
  const keyOf = ({ step, writer, knows, held, read }: State): string =>
    String.fromCharCode(step, writer, ...knows.map((each, host) => each * 4 + held[host]!), ...read);
  const came = new Map<string, readonly [string, string] | null>([[keyOf(first), null]]);
  const queue = [first];
  for (let at = 0; at < queue.length; at++) {
    const state = queue[at]!;
    const key = keyOf(state);
    const missed = missedBy(state);
    if (missed !== null) {
      const story = [missed];
      for (let back = came.get(key); back != null; back = came.get(back[1])) story.unshift(back[0]);
      return story;
    }
    for (const [what, then] of following(state)) {
      const reached = keyOf(then);
      if (came.has(reached)) continue;
      came.set(reached, [what, key]);
      queue.push(then);
    }
  }
  return null;
}
