import type { HostId } from '../base/id.ts';
import { ApplicationState } from './application-state.ts';
import { areTooMany, isWellFormed } from './check-delta.ts';
import type { Delta, GossipDigest } from './delta.ts';
import { type EndpointState, versionOf } from './endpoint-state.ts';
import type { EndpointTable } from './endpoint-table.ts';
import type { RefusedState, SelfClaim, StateChange } from './gossip-outcome.ts';
import { mergeDelta } from './merge-delta.ts';

/** What may be taken from whom, and into what. */
export interface Intake {
  readonly table: EndpointTable;
  readonly self: HostId;
  readonly from: HostId;
  /** Highest generation (unix seconds) that the local clock lets pass. */
  readonly latestGeneration: number;
  readonly isBarred: (hostId: HostId, generation: number) => boolean;
}

/** What a batch of deltas did, and what to ask for because a delta did not join on. */
export interface Taken {
  readonly changes: StateChange[];
  readonly selfClaims: SelfClaim[];
  readonly refused: RefusedState[];
  readonly requests: GossipDigest[];
}

/**
 * Takes a batch of deltas into the table (Cassandra's Gossiper.applyStateLocally, with the guards of the design): one
 * change a host, a bad delta never drops the others, and the sender's own state is taken like anybody's. Deltas about
 * this node are judged, never applied.
 */
export function takeDeltas(intake: Intake, deltas: readonly Delta[]): Taken {
  const taken: Taken = { changes: [], selfClaims: [], refused: [], requests: [] };
  for (const [hostId, ofHost] of byHost(intake, deltas, taken.refused)) {
    if (hostId === intake.self) judgeSelf(intake, ofHost, taken);
    else mergeHost(intake, hostId, ofHost, taken);
  }
  return taken;
}

/**
 * The deltas that pass the guards, state counter first: it brings the generation that bulk keys join on to. Nobody has
 * two of one counter to tell, and a message of nothing else would hold the loop for seconds.
 */
function byHost(intake: Intake, deltas: readonly Delta[], refused: RefusedState[]): Map<HostId, Delta[]> {
  const hosts = new Map<HostId, Delta[]>();
  for (const delta of deltas) {
    const { hostId, generation, counter } = delta;
    const ofHost = hosts.get(hostId);
    const twice = ofHost?.some((other) => other.counter === counter) === true;
    const reason = twice ? 'malformed' : refusalOf(intake, delta);
    if (reason !== null) {
      refused.push({ hostId, reason, generation });
      continue;
    }
    if (ofHost === undefined) hosts.set(hostId, [delta]);
    else if (counter === 'state') ofHost.unshift(delta);
    else ofHost.push(delta);
  }
  return hosts;
}

function refusalOf(intake: Intake, delta: Delta): RefusedState['reason'] | null {
  if (!isWellFormed(delta)) return 'malformed';
  // One that is held already was let in by a clock that was right: a clock set back must not silence the whole cluster.
  if (delta.generation > intake.latestGeneration && delta.generation !== intake.table.get(delta.hostId)?.generation) {
    return 'generation';
  }
  if (delta.hostId !== intake.self && intake.isBarred(delta.hostId, delta.generation)) return 'barred';
  return null;
}

function mergeHost(intake: Intake, hostId: HostId, deltas: readonly Delta[], taken: Taken): void {
  const previous = intake.table.get(hostId);
  const keys = new Set<string>();
  let state = previous;
  let gap = false;
  for (const delta of deltas) {
    const merge = mergeDelta(state, delta);
    switch (merge.kind) {
      case 'joined':
        if (merge.keys.length > 0 && areTooMany(merge.state.values)) {
          taken.refused.push({ hostId, reason: 'oversized', generation: delta.generation });
          break;
        }
        state = merge.state;
        for (const key of merge.keys) keys.add(key);
        break;
      case 'gap':
        gap = true;
        break;
      case 'stale':
        break;
    }
  }
  if (state !== null && state !== previous) {
    const interned = intake.table.set(state);
    const kind = kindOf(previous, interned, keys);
    taken.changes.push({ hostId, kind, previous, state: interned, keys: statusFirst(keys) });
  }
  if (gap) taken.requests.push(intake.table.digestOf(hostId));
}

function kindOf(previous: EndpointState | null, state: EndpointState, keys: ReadonlySet<string>): StateChange['kind'] {
  if (previous === null) return 'new';
  if (previous.generation !== state.generation) return 'restarted';
  return keys.size > 0 ? 'updated' : 'heartbeat';
}

function statusFirst(keys: Set<string>): string[] {
  return keys.delete(ApplicationState.status) ? [ApplicationState.status, ...keys] : [...keys];
}

/**
 * A claim about this node above what it said, or as high by another process. Only a whole state tells which process made it (boot nonce and address), so
 * anything less is answered by asking for all of it.
 */
function judgeSelf(intake: Intake, deltas: readonly Delta[], taken: Taken): void {
  const own = intake.table.get(intake.self);
  if (own === null || !deltas.some((delta) => isAbove(delta, own) || isOfAnother(delta, own))) return;
  const whole = deltas.find((delta) => delta.counter === 'state' && delta.from === 0);
  if (whole === undefined) {
    taken.requests.push(everythingOf(intake.self));
    return;
  }
  const values = new Map(whole.entries);
  taken.selfClaims.push({
    from: intake.from,
    generation: whole.generation,
    version: whole.to,
    bootNonce: values.get(ApplicationState.bootNonce)?.value ?? null,
    address: values.get(ApplicationState.address)?.value ?? null,
  });
}

const isAbove = (delta: Delta, own: EndpointState): boolean =>
  delta.generation > own.generation ||
  (delta.generation === own.generation && delta.to > versionOf(own, delta.counter));

/** A whole state of this generation with another boot nonce: a node that starts anew takes another generation. */
function isOfAnother({ generation, from, entries }: Delta, own: EndpointState): boolean {
  if (generation !== own.generation || from !== 0) return false;
  const said = entries.find(([key]) => key === ApplicationState.bootNonce)?.[1].value;
  return said !== undefined && said !== own.values.get(ApplicationState.bootNonce)?.value;
}

/** The request that is answered with the whole state. */
export function everythingOf(hostId: HostId): GossipDigest {
  return { hostId, generation: 0, version: 0, bulkVersion: 0 };
}
