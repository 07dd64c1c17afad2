import { Router } from '../../src/ring/router.ts';
import { driverReplicas, driverToken } from './driver-judge.ts';
import { eightRacks } from './rings.ts';

const simple = { class: 'SimpleStrategy', replication_factor: 3 };
const network = { class: 'NetworkTopologyStrategy', dc1: 3 };

/** Routes every key over eight nodes in eight racks, and says which tokens and replica lists cassandra-driver has otherwise. */
export function disagreements(keys: readonly string[]): string[] {
  const members = eightRacks();
  const router = new Router({
    natural: members,
    change: null,
    epoch: 1,
    ringFingerprint: '0000000000000001',
    keyspaces: new Map(Object.entries({ simple, network })),
    knownDatacenters: ['dc1'],
  });
  const judges = Object.entries({ simple: driverReplicas(members, simple), network: driverReplicas(members, network) });
  const wrong: string[] = [];
  for (const key of keys) {
    const bytes = Buffer.from(key);
    if (router.route(key, null).token !== driverToken(bytes)) wrong.push(`token of ${key}`);
    for (const [keyspace, judge] of judges) {
      const expected = judge(bytes);
      const got = router.replicasOf(key, keyspace);
      if (got.length !== 3 || got.some(({ hostId }, rank) => hostId !== expected[rank])) {
        wrong.push(`${keyspace} replicas of ${key}`);
      }
    }
  }
  return wrong;
}
