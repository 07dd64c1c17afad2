import type { RingRecord } from '../../src/epoch/ring-record.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';

/** The record that removes `subject`, as it follows what `at` holds. The command that proposes one comes with ring changes. */
export function removalOf(subject: string, at: SimulatedNode): RingRecord {
  const { epoch, lineage, chainHash } = at.reader.register.position;
  return {
    epoch: epoch + 1,
    kind: 'remove',
    lineage,
    previous: chainHash,
    operationId: '00000000-0000-4000-8000-00000000dead',
    operation: null,
    subjects: [{ hostId: subject, tokens: [] }],
    replaces: null,
    strict: true,
    schemaVersion: at.reader.schema.version,
    proposer: at.hostId,
    proposedAtMs: 0,
    found: null,
    alter: null,
  };
}

/** Gives a decided record to a node, as another member would announce it. */
export function announce(record: RingRecord, to: SimulatedNode, from: SimulatedNode): void {
  const source = { hostId: from.hostId, bootNonce: from.bootNonce, replyTo: from.address };
  const after = to.reader.register.position;
  const message = { kind: 'records', after, snapshot: null, records: [record], votes: [] } as const;
  to.step({ kind: 'message', from: source, channel: 'stream', message });
}
