import { createHash } from 'node:crypto';
import { compareTokens } from '../token/token.ts';
import type { RingMember } from './ring-member.ts';

/** Of the serialization below. It changes with it, so that no two versions can agree by accident. */
const serializationVersion = 1;

/** What two nodes must agree on to agree on the ring. */
export interface FingerprintedRing {
  readonly clusterId: string;
  readonly lineage: string;
  readonly epoch: number;
  readonly members: readonly (RingMember & { readonly state: string })[];
}

/**
 * The ring fingerprint: 16 lower-case hexadecimal digits of the SHA-256 of a canonical text. Equal for equal rings,
 * whatever the order of the members or of their tokens.
 */
export function ringFingerprint(ring: FingerprintedRing): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(['murmuring ring', serializationVersion, ring.clusterId, ring.lineage, ring.epoch]));
  for (const { hostId, state, datacenter, rack, tokens } of [...ring.members].sort((a, b) =>
    a.hostId < b.hostId ? -1 : 1,
  )) {
    hash.update(JSON.stringify([hostId, state, datacenter, rack, [...tokens].sort(compareTokens).map(String)]));
  }
  return hash.digest('hex').slice(0, 16);
}
