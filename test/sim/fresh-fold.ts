import { InvariantViolation } from '../../src/base/error.ts';
import { foldRecord, isRefusal } from '../../src/epoch/fold-record.ts';
import { type RingState, stateOfSnapshot } from '../../src/epoch/ring-state.ts';
import { ReplicaTable } from '../../src/ring/replica-table.ts';
import { replicationOf } from '../../src/ring/replication-strategy.ts';
import { TokenMap } from '../../src/ring/token-map.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';

/**
 * Throws, with the seed, where a ring at rest is not what its records say: somebody is still pending, or replicas or what
 * a quorum needs are not those of the records folded anew, with the places of now, by nothing that was cached or patched.
 */
export function demandFreshFold(world: World): void {
  for (const node of world.nodes.filter((each) => each.running)) {
    const difference = differenceOf(node);
    if (difference !== null)
      throw new InvariantViolation(`seed ${world.seed}, ${node.address}, at rest: ${difference}`);
  }
}

function differenceOf(node: SimulatedNode): string | null {
  const state = freshState(node);
  const router = node.reader.router();
  if (router === null || state.operation !== null) return 'no ring at rest';
  const members = node.reader.members();
  const owners = [...state.members.values()].map(({ hostId, tokens }) => {
    const { datacenter, rack } = members.find((each) => each.hostId === hostId)!;
    return { hostId, tokens, datacenter, rack };
  });
  const datacenters = [...new Set(owners.map(({ datacenter }) => datacenter))].sort();
  const map = TokenMap.of(owners, state.epoch);
  for (const { name, replication } of node.reader.schema.list()) {
    if (replication === null) continue;
    const table = new ReplicaTable(map, replicationOf(replication, datacenters));
    for (const token of owners.flatMap(({ tokens }) => tokens).flatMap((each) => [each, each + 1n])) {
      const route = router.routeToken(token, name);
      if (route.pending.length > 0) return `${route.pending[0]!.hostId} is pending at ${token} of ${name}`;
      const routed = route.replicas.map(({ hostId }) => hostId).join();
      const fresh = table.at(map.indexForToken(token)).map(({ hostId }) => hostId);
      if (routed !== fresh.join()) return `${token} of ${name} belongs to ${routed}, by the records to ${fresh}`;
      const quorum = Math.floor(fresh.length / 2) + 1;
      if (route.requiredReads !== quorum || route.requiredWriteAcks !== quorum) {
        return `a quorum of ${fresh.length} replicas is ${route.requiredReads} and ${route.requiredWriteAcks}`;
      }
    }
  }
  return null;
}

function freshState(node: SimulatedNode): RingState {
  const { snapshot, records } = node.reader.register.log;
  let state = snapshot === null ? null : stateOfSnapshot(snapshot);
  for (const record of records) {
    const next = foldRecord(state, record);
    if (isRefusal(next)) throw new InvariantViolation(next.reason);
    state = next;
  }
  if (state === null) throw new InvariantViolation(`${node.address} has no records`);
  return state;
}
