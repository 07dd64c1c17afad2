import { describe, expect, it } from 'vitest';
import { ringFingerprint } from '../../src/ring/ring-fingerprint.ts';
import { member } from './rings.ts';

describe('ringFingerprint', () => {
  const a = { ...member('a', [1n, -7n]), state: 'normal' };
  const b = { ...member('b', [5n]), state: 'joining' };
  const ring = { clusterId: 'cluster', lineage: 'lineage', epoch: 3, members: [a, b] };

  it('is the same in every version of murmuring, whatever the order of members and of their tokens', () => {
    expect(ringFingerprint(ring)).toBe('492ffd21b1f0e460');
    expect(ringFingerprint({ ...ring, members: [b, { ...a, tokens: [-7n, 1n] }] })).toBe('492ffd21b1f0e460');
  });

  it('N03 changes with a rack, a datacenter, a state, a token, an owner, the epoch, the lineage and the cluster', () => {
    const others = [
      { ...ring, members: [{ ...a, rack: 'rack2' }, b] },
      { ...ring, members: [{ ...a, datacenter: 'dc2' }, b] },
      { ...ring, members: [{ ...a, state: 'leaving' }, b] },
      { ...ring, members: [{ ...a, tokens: [1n, -8n] }, b] },
      {
        ...ring,
        members: [
          { ...a, tokens: [1n] },
          { ...b, tokens: [-7n, 5n] },
        ],
      },
      { ...ring, members: [a] },
      { ...ring, epoch: 4 },
      { ...ring, lineage: 'other' },
      { ...ring, clusterId: 'other' },
      // Moving a character from one text to the next must not give the same serialization.
      { ...ring, clusterId: 'clusterl', lineage: 'ineage' },
    ];
    expect(new Set([ring, ...others].map(ringFingerprint)).size).toBe(others.length + 1);
  });
});
