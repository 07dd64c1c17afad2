import type { GossipEndpoint, GossipInfo } from '../../api/gossip-info.ts';
import { printable } from './quantities.ts';

/** `nodetool gossipinfo`: `KEY:version:value` for each state, and the tokens hidden, for they are many. */
export function gossipInfoText({ endpoints }: GossipInfo): string {
  return endpoints.map(endpointText).join('');
}

function endpointText({ hostId, address, generation, heartbeat, states }: GossipEndpoint): string {
  const lines = states.map(({ key, version, value }) =>
    key === 'TOKENS' ? `TOKENS:${version}:<hidden>` : `${printable(key)}:${version}:${printable(value)}`,
  );
  if (!states.some(({ key }) => key === 'TOKENS')) lines.push('TOKENS: not present');
  const all = [`generation:${generation}`, `heartbeat:${heartbeat}`, ...lines];
  return `/${printable(address ?? hostId)}\n${all.map((text) => `  ${text}\n`).join('')}`;
}
