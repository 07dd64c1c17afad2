import type { DescribeCluster } from '../api/describe-cluster.ts';
import { forkView } from './history-view.ts';
import { keyspacesOf } from './keyspaces-of.ts';
import { knownRing, type RingMemberView } from './known-ring.ts';
import type { NodePort, SurveyView } from './node-port.ts';

const partitioner = 'org.apache.cassandra.dht.Murmur3Partitioner';

/** `/v1/describecluster`, from what the members said when asked. Throws RingError UNAVAILABLE. */
export function clusterView(port: NodePort, survey: SurveyView): DescribeCluster {
  const { ring, members } = knownRing(port);
  const inState = (state: RingMemberView['state']): number => members.filter((each) => each.state === state).length;
  const dead = members.filter((member) => member.liveness === 'dead').length;
  return {
    cluster: ring.cluster,
    clusterId: ring.clusterId,
    lineage: ring.lineage,
    epoch: ring.epoch,
    ringFingerprint: ring.ringFingerprint,
    partitioner,
    detector: ring.detector,
    schemaVersions: addressesBy(survey.answers, (answer) => answer.schemaVersion),
    ringFingerprints: addressesBy(survey.answers, (answer) => answer.ringFingerprint),
    unreachable: survey.silent.map(({ hostId, address }) => address ?? hostId).sort(),
    stats: {
      live: members.length - dead,
      joining: inState('joining'),
      moving: inState('moving'),
      leaving: inState('leaving'),
      unreachable: dead,
    },
    datacenters: datacentersOf(members),
    releaseVersions: addressesBy(members, (member) => member.releaseVersion ?? 'UNKNOWN'),
    keyspaces: keyspacesOf(port.schema()).map(({ name, replication }) => ({ name, replication })),
    fork: forkView(ring.fork),
  };
}

/** Who says the same: each answer → the addresses that gave it, ascending; a host of unknown address by its id. */
export function addressesBy<Host extends { readonly hostId: string; readonly address: string | null }>(
  hosts: readonly Host[],
  said: (host: Host) => string,
): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const host of hosts) {
    const group = groups.get(said(host));
    const name = host.address ?? host.hostId;
    if (group === undefined) groups.set(said(host), [name]);
    else group.push(name);
  }
  // What hosts said are the names of properties: fromEntries takes even `__proto__` as one.
  return Object.fromEntries([...groups].sort(byName).map(([value, addresses]) => [value, addresses.sort()]));
}

function datacentersOf(members: readonly RingMemberView[]): DescribeCluster['datacenters'] {
  const names = [...new Set(members.map((member) => member.datacenter))].sort();
  return names.map((name) => {
    const there = members.filter((member) => member.datacenter === name);
    return { name, nodes: there.length, down: there.filter((member) => member.liveness === 'dead').length };
  });
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}
