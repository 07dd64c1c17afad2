import type { DescribeCluster } from '../../api/describe-cluster.ts';
import { forkText } from './member-words.ts';
import { printable } from './quantities.ts';
import { keyspaceText } from './schema-text.ts';

/** `nodetool describecluster`, with the ring's identity where Cassandra has its snitch. */
export function describeClusterText(cluster: DescribeCluster): string {
  const { stats } = cluster;
  const sections: [title: string, lines: string[]][] = [
    [
      'Cluster Information',
      [
        `Name: ${cluster.cluster}`,
        `Cluster ID: ${cluster.clusterId}`,
        `Lineage: ${cluster.lineage}`,
        `Epoch: ${cluster.epoch}`,
        `Failure detector: ${cluster.detector}`,
        `Partitioner: ${cluster.partitioner}`,
        'Schema versions:',
        ...holders(cluster.schemaVersions, cluster.unreachable),
        'Ring fingerprints:',
        ...holders(cluster.ringFingerprints, cluster.unreachable),
      ],
    ],
    [
      'Stats for all nodes',
      [
        `Live: ${stats.live}`,
        `Joining: ${stats.joining}`,
        `Moving: ${stats.moving}`,
        `Leaving: ${stats.leaving}`,
        `Unreachable: ${stats.unreachable}`,
      ],
    ],
    ['Data Centers', cluster.datacenters.map(({ name, nodes, down }) => `${name} #Nodes: ${nodes} #Down: ${down}`)],
    ['Database versions', addressLists(cluster.releaseVersions)],
    ['Keyspaces', cluster.keyspaces.map(({ name, replication }) => keyspaceText(name, replication))],
  ];
  if (cluster.fork !== null) sections.push(['Fork', [forkText(cluster.fork)]]);
  return sections
    .map(([title, lines]) => `${title}:\n${lines.map((text) => `\t${indented(text)}\n`).join('')}`)
    .join('\n');
}

/** Nested lines begin with a tab of their own, which is no text of another host. */
function indented(text: string): string {
  return text.startsWith('\t') ? `\t${printable(text.slice(1))}` : printable(text);
}

function holders(byVersion: Readonly<Record<string, string[]>>, unreachable: readonly string[]): string[] {
  const lines = addressLists(byVersion).map((text) => `\t${text}`);
  return unreachable.length === 0 ? lines : [...lines, `\tUNREACHABLE: [${unreachable.join(', ')}]`];
}

function addressLists(byName: Readonly<Record<string, string[]>>): string[] {
  return Object.entries(byName).map(([name, addresses]) => `${name}: [${addresses.join(', ')}]`);
}
