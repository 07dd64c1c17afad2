import { InvalidArgumentError } from 'commander';

/** An argument that names a member by its host id. Removals are for good, so no address stands in for it. */
export function parseHostId(text: string): string {
  const hostId = text.toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(hostId)) return hostId;
  throw new InvalidArgumentError('Expected a host id as ringctl status shows it.');
}
