import type { RingSnapshot, SnapshotMember } from '../../src/api/ring-snapshot.ts';

export const hostIds = [1, 2, 3].map((n) => `${String(n).repeat(8)}-1111-4111-8111-111111111111`);
export const clusterId = 'c0000000-0000-4000-8000-000000000001';
export const lineage = 'd0000000-0000-4000-8000-000000000001';
export const schemaVersion = 'e0000000-0000-3000-8000-000000000001';

/** Member `at` (0, 1, 2) of three, in racks of their own, with the tokens −6·10^18, 0 and 6·10^18. */
export function member(at: number, changes: Partial<SnapshotMember> = {}): SnapshotMember {
  return {
    hostId: hostIds[at]!,
    address: `10.0.0.${at + 1}:7600`,
    httpAddress: null,
    datacenter: 'dc1',
    rack: `rack${at + 1}`,
    state: 'normal',
    liveness: 'alive',
    mode: 'ok',
    tokens: [String((BigInt(at) - 1n) * 6n * 10n ** 18n)],
    owner: true,
    ...changes,
  };
}

/** Three members at epoch 7, and keyspace `users` with three replicas. */
export function snapshot(changes: Partial<RingSnapshot> = {}): RingSnapshot {
  const epoch = changes.epoch ?? 7;
  return {
    cluster: 'murmurs',
    clusterId,
    lineage,
    epoch,
    ringFingerprint: `f${epoch}`,
    schemaVersion,
    members: [member(0), member(1), member(2)],
    change: null,
    keyspaces: { users: { class: 'SimpleStrategy', replication_factor: '3' } },
    ...changes,
  };
}
