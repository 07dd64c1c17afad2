import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { dayMs, secondMs } from '../base/time.ts';
import { RingLog } from '../epoch/ring-log.ts';
import { isVoter, type RingState } from '../epoch/ring-state.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { ClusterAnswer } from '../lifecycle/cluster-answer.ts';
import type { NodeConfig } from './node-config.ts';
import type { NodeContext } from './node-context.ts';
import type { StoredState } from './store-record.ts';

/** Name, datacenter and rack must be those of the store: identity is never silently renewed. */
export function refusalOfStored(context: NodeContext, stored: StoredState): RingError | null {
  const { config } = context;
  const { identity } = stored;
  if (identity === null) return null;
  if (identity.clusterName !== config.clusterName) {
    return new RingError(
      'STORE_OF_OTHER_CLUSTER',
      `the store belongs to cluster ${identity.clusterName}, not ${config.clusterName}`,
      {
        hint: 'correct --cluster, or set the data directory aside',
      },
    );
  }
  const moved = identity.datacenter !== config.datacenter || identity.rack !== config.rack;
  if (moved && !config.allowConfigChange) {
    return new RingError(
      'CONFIG_CHANGED',
      `the store says datacenter ${identity.datacenter}, rack ${identity.rack}; the configuration says ${config.datacenter}, ${config.rack}`,
      { hint: 'replicas would move without their data: change it back, or override it with allowConfigChange' },
    );
  }
  return null;
}

/** More than a day apart, or most of the answer from the future: one of the two clocks is wrong, and this node is the newcomer. */
export function clockRefusal(context: NodeContext, answer: ClusterAnswer): RingError | null {
  const offMs = context.now.wallMs - answer.wallMs;
  if (Math.abs(offMs) <= dayMs && !mostAreAhead(context, answer)) return null;
  const days = (Math.abs(offMs) / dayMs).toFixed(1);
  return new RingError(
    'CLOCK_OFF',
    `this host's clock is ${days} days ${offMs > 0 ? 'ahead of' : 'behind'} the cluster's`,
    {
      hint: 'set the clock (NTP) and start again; nothing was changed',
      details: { offMs },
    },
  );
}

/** True if this node would have to refuse most states of the answer: then it is this clock that is wrong. */
export function mostAreAhead(context: NodeContext, answer: ClusterAnswer): boolean {
  const latest = Math.floor((context.now.wallMs + dayMs) / secondMs);
  return answer.states.filter((delta) => delta.generation > latest).length * 2 > answer.states.length;
}

/** Why an answer cannot be the history of this cluster, or null: it must fold, and say of itself what its records say. */
export function unsoundness(context: NodeContext, answer: ClusterAnswer): string | null {
  const log = new RingLog();
  const reason = log.fill(answer.snapshot, answer.records);
  if (reason !== null) return `its history is unsound: ${reason}`;
  if (log.state === null) return 'its history is empty';
  const { clusterId, clusterName } = log.state;
  if (clusterId !== answer.clusterId || clusterName !== context.config.clusterName) {
    return `its history is that of cluster ${clusterName} (${clusterId})`;
  }
  return null;
}

/**
 * An owner's newest address is ours, and it is not us: its data was wiped, or it was given a new disk. A joiner that never
 * got to own anything, or was aborted, is no loss.
 */
export function addressRefusal(context: NodeContext, answer: ClusterAnswer): RingError | null {
  const { config, self } = context;
  if (config.joinAsNew) return null;
  const log = new RingLog();
  // An unsound history is refused, with its own reason, where it is taken in.
  if (log.fill(answer.snapshot, answer.records) !== null) return null;
  const owns = (hostId: HostId): boolean => log.state !== null && isVoter(log.state, hostId);
  const holder = answer.states.find(
    (delta) =>
      delta.hostId !== self.hostId &&
      delta.hostId !== config.replace &&
      owns(delta.hostId) &&
      delta.entries.some(([key, value]) => key === ApplicationState.address && value.value === self.address),
  );
  if (holder === undefined) return null;
  return new RingError(
    'ADDRESS_TAKEN',
    `member ${holder.hostId} lives at ${self.address}, and this node's store is not its store`,
    {
      hint: 'restore its data directory; or start with --replace and its host id to take its place; or start with --join-as-new to join as another node beside it: the old member stays, dead, and keeps its vote',
      details: { hostId: holder.hostId, address: self.address },
    },
  );
}

/** Why a removed node must not run. */
export function removedError(hostId: HostId, state: RingState): RingError {
  return new RingError(
    'REMOVED',
    `this node (${hostId}) was removed from the ring at epoch ${state.removed.get(hostId)}`,
    {
      hint: 'start it with an empty data directory to join as a new node; or have it readmitted (`ringctl readmit` at a member), and start it again',
      details: { hostId },
    },
  );
}

/** A first start that found nobody. */
export function unreachableSeeds(silent: readonly string[], waitedMs: number): RingError {
  return new RingError(
    'SEEDS_UNREACHABLE',
    `no seed answered within ${waitedMs} ms: ${silent.join(', ') || 'none is configured'}`,
    {
      hint: 'check the addresses, the cluster name and the secret; to found a new cluster, start one node with --found',
    },
  );
}

/** Why this node may not found a cluster where there is none, or null: who owns nothing cannot be the first owner. */
export function refusalToFound({ join, replace }: Pick<NodeConfig, 'join' | 'replace'>): RingError | null {
  if (replace !== null) {
    const text = `this node is to take the place of ${replace}, and no seed leads to the cluster that has it`;
    return new RingError('INVALID_CONFIG', text, { hint: 'name a live member with --seeds, and leave out --found' });
  }
  if (join) return null;
  const text = 'an observer cannot found a cluster, and no seed of this one leads to another node';
  return new RingError('INVALID_CONFIG', text, {
    hint: 'name a member of the cluster with --seeds, or leave out --no-join',
  });
}
