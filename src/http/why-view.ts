import type { Why } from '../api/why.ts';
import { RingError } from '../base/error.ts';
import { knownRing } from './known-ring.ts';
import type { MemberView, NodePort } from './node-port.ts';

/** `/v1/why`: `node` is a host id or an address. Throws RingError UNAVAILABLE or UNKNOWN_NODE. */
export function whyView(port: NodePort, node: string): Why {
  const { ring } = knownRing(port);
  const members = port.members();
  const member = members.find(({ hostId, address }) => hostId === node || address === node);
  if (member === undefined) throw unknownNode(node, members);
  const { hostId, address, liveness, generation } = member;
  const { lastAnswer, findings } = port.evidence(hostId);
  const named = new Set(findings.flatMap(({ by, confirmers }) => [by ?? '', ...(confirmers ?? [])]));
  const addresses: Record<string, string> = {};
  for (const each of members)
    if (named.has(each.hostId) && each.address !== null) addresses[each.hostId] = each.address;
  return {
    hostId,
    address,
    detector: ring.detector,
    liveness,
    phi: port.phi(hostId),
    generation,
    lastAnswer,
    findings: [...findings],
    addresses,
  };
}

function unknownNode(node: string, members: readonly MemberView[]): RingError {
  const known = members.slice(0, 8).map(({ hostId, address }) => address ?? hostId);
  const more = members.length > known.length ? ', …' : '';
  return new RingError(
    'UNKNOWN_NODE',
    `got node ${JSON.stringify(node)}, expected one of: ${known.join(', ')}${more}`,
    {
      hint: 'Give a host id or an address as `ringctl status` shows them.',
    },
  );
}
