import type { Info } from '../../api/info.ts';
import { loadText, printable } from './quantities.ts';

const labelWidth = 23;
const mebibyte = 1024 * 1024;

/** `nodetool info`: nodetool's lines in its order, then our own. A node that answers gossips. */
export function infoText(info: Info, withTokens: boolean): string {
  const { traffic } = info;
  const rejected = Object.entries(traffic.rejected)
    .filter(([, frames]) => frames > 0)
    .map(([reason, frames]) => `${reason} ${frames}`);
  const lines: [label: string, value: string][] = [
    ['ID', info.hostId],
    ['Gossip active', 'true'],
    ['Load', loadText(info.load)],
    ['Generation No', String(info.generation)],
    ['Uptime (seconds)', String(Math.floor(info.uptimeMs / 1000))],
    [
      'Heap Memory (MB)',
      `${(info.heapUsedBytes / mebibyte).toFixed(2)} / ${(info.heapTotalBytes / mebibyte).toFixed(2)}`,
    ],
    ['Data Center', info.datacenter],
    ['Rack', info.rack],
    ['Cluster', info.clusterId === null ? info.cluster : `${info.cluster} (${info.clusterId})`],
    ['State', info.state ?? 'no member'],
    ['Gossip address', info.address ?? '?'],
    ['HTTP address', info.httpAddress ?? '?'],
    ['Epoch', String(info.epoch ?? '?')],
    ['Ring fingerprint', info.ringFingerprint ?? '?'],
    ['Schema version', info.schemaVersion],
    ['Release version', `${info.releaseVersion} (Node.js ${info.nodeVersion})`],
    ['Sent', `${traffic.sentFrames} frames, ${loadText(traffic.sentBytes)}`],
    ['Received', `${traffic.receivedFrames} frames, ${loadText(traffic.receivedBytes)}`],
    ['Rejected', rejected.length === 0 ? '0' : rejected.join(', ')],
    ...(info.ready ? [] : ([['Waiting for', info.waitingFor.join('; ') || '?']] as [string, string][])),
    ...tokenLines(info.tokens, withTokens),
  ];
  return lines.map(([label, value]) => `${label.padEnd(labelWidth)}: ${printable(value)}\n`).join('');
}

function tokenLines(tokens: readonly string[], withTokens: boolean): [string, string][] {
  if (tokens.length === 0) return [['Token', '(node is not joined to the cluster)']];
  if (tokens.length === 1 || withTokens) return tokens.map((token) => ['Token', token]);
  return [['Token', `(invoke with -T/--tokens to see all ${tokens.length} tokens)`]];
}
