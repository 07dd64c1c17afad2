import type { RingSnapshot } from '../api/ring-snapshot.ts';
import type { OpenChange } from '../ring/router.ts';
import { keyspacesOf } from './keyspaces-of.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort } from './node-port.ts';

/** `/v1/snapshot` and the event `snapshot`. Throws RingError UNAVAILABLE. */
export function snapshotView(port: NodePort): RingSnapshot {
  const { ring, members } = knownRing(port);
  const schema = port.schema();
  return {
    cluster: ring.cluster,
    clusterId: ring.clusterId,
    lineage: ring.lineage,
    epoch: ring.epoch,
    ringFingerprint: ring.ringFingerprint,
    schemaVersion: schema.version,
    members: members.map((member) => ({
      hostId: member.hostId,
      address: member.address,
      httpAddress: member.httpAddress,
      datacenter: member.datacenter,
      rack: member.rack,
      state: member.state,
      liveness: member.liveness,
      mode: member.mode,
      tokens: member.tokens.map(String),
      owner: member.owner,
    })),
    change: ring.change === null ? null : changeView(ring.change),
    keyspaces: Object.fromEntries(keyspacesOf(schema).map(({ name, replication }) => [name, replication])),
  };
}

function changeView({ step, future, alter }: OpenChange): RingSnapshot['change'] {
  return {
    step,
    future: future.map(({ hostId, tokens }) => ({ hostId, tokens: tokens.map(String) })),
    alter: alter === null ? null : { keyspace: alter.keyspace, replication: { ...alter.replication } },
  };
}
