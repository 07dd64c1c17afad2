import type { Ring } from '../api/ring.ts';
import type { Status } from '../api/status.ts';
import { compareTokens } from '../token/token.ts';
import { forkView } from './history-view.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort } from './node-port.ts';
import { describeOperation } from './operations-view.ts';

/** `/v1/status`. Throws RingError UNKNOWN_KEYSPACE, UNAVAILABLE. */
export function statusView(port: NodePort, keyspace: string | null): Status {
  const { ring, router, members } = knownRing(port);
  const shares = router.ownership(keyspace);
  const open = port.operations()[0];
  return {
    cluster: ring.cluster,
    clusterId: ring.clusterId,
    lineage: ring.lineage,
    epoch: ring.epoch,
    ringFingerprint: ring.ringFingerprint,
    schemaVersion: port.schema().version,
    keyspace,
    operation: open === undefined ? null : describeOperation(open),
    fork: forkView(ring.fork),
    nodes: members.map((member) => ({
      hostId: member.hostId,
      address: member.address,
      httpAddress: member.httpAddress,
      datacenter: member.datacenter,
      rack: member.rack,
      liveness: member.liveness,
      mode: member.mode,
      state: member.state,
      tokens: member.tokens.length,
      owns: share(shares.get(member.hostId)),
      load: member.load,
      generation: member.generation,
      version: member.version,
      schemaVersion: member.schemaVersion,
    })),
  };
}

/** `/v1/ring`. Throws RingError UNKNOWN_KEYSPACE, UNAVAILABLE. */
export function ringView(port: NodePort, keyspace: string | null): Ring {
  const { ring, router, members } = knownRing(port);
  const shares = router.ownership(keyspace);
  return {
    epoch: ring.epoch,
    ringFingerprint: ring.ringFingerprint,
    keyspace,
    tokens: members
      .flatMap((member) => member.tokens.map((token) => ({ token, member })))
      .sort((left, right) => compareTokens(left.token, right.token))
      .map(({ token, member }) => ({
        token: String(token),
        hostId: member.hostId,
        address: member.address,
        datacenter: member.datacenter,
        rack: member.rack,
        liveness: member.liveness,
        state: member.state,
        load: member.load,
        owns: share(shares.get(member.hostId)),
      })),
  };
}

/** Sums of shares can end a rounding error above 1. */
function share(sum: number | undefined): number {
  return Math.min(1, sum ?? 0);
}
