import type { DescribedRange, DescribeRing } from '../../api/describe-ring.ts';
import { printable } from './quantities.ts';

/** `nodetool describering`. The addresses of `endpoints` and `rpc_endpoints` are the same here. */
export function describeRingText({ schemaVersion, ranges }: DescribeRing): string {
  return `Schema Version:${schemaVersion}\nTokenRange: \n${ranges.map((range) => `\t${rangeText(range)}\n`).join('')}`;
}

function rangeText({ startToken, endToken, endpoints }: DescribedRange): string {
  const addresses = endpoints.map(({ hostId, address }) => printable(address ?? hostId)).join(', ');
  const details = endpoints.map(
    ({ hostId, address, datacenter, rack }) =>
      `EndpointDetails(host:${printable(address ?? hostId)}, datacenter:${printable(datacenter)}, rack:${printable(rack)})`,
  );
  return (
    `TokenRange(start_token:${startToken}, end_token:${endToken}, endpoints:[${addresses}], ` +
    `rpc_endpoints:[${addresses}], endpoint_details:[${details.join(', ')}])`
  );
}
