import type { Endpoints } from '../../api/endpoints.ts';
import { printable } from './quantities.ts';

/** `nodetool getendpoints`: one address a line, the primary first; the host id where no address is known. */
export function endpointsText({ endpoints }: Endpoints): string {
  return endpoints.map(({ hostId, address }) => `${printable(address ?? hostId)}\n`).join('');
}
