import type { GossipEndpoint, GossipInfo } from '../../api/gossip-info.ts';
import { columns } from './columns.ts';
import { loadText, printable } from './quantities.ts';

/**
 * `nodetool gossipinfo`: `KEY:version:value` for each state, and the tokens hidden, for they are many. Then the queues of
 * rumors of the node that answered.
 */
export function gossipInfoText({ endpoints, rumors }: GossipInfo): string {
  const queues = rumors.map((queue) => [
    queue.class,
    String(queue.waiting),
    loadText(queue.sentBytes),
    String(queue.dropped),
  ]);
  return `${endpoints.map(endpointText).join('')}\n${columns([['Rumors', 'Waiting', 'Sent', 'Dropped'], ...queues])}`;
}

function endpointText({ hostId, address, generation, heartbeat, states }: GossipEndpoint): string {
  const lines = states.map(({ key, version, value }) =>
    key === 'TOKENS' ? `TOKENS:${version}:<hidden>` : `${printable(key)}:${version}:${printable(value)}`,
  );
  if (!states.some(({ key }) => key === 'TOKENS')) lines.push('TOKENS: not present');
  const all = [`generation:${generation}`, `heartbeat:${heartbeat}`, ...lines];
  return `/${printable(address ?? hostId)}\n${all.map((text) => `  ${text}\n`).join('')}`;
}
