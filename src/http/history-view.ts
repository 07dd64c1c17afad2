import type { Fork } from '../api/fork.ts';
import type { History } from '../api/history.ts';
import { knownRing } from './known-ring.ts';
import type { ForkView, NodePort, PositionView } from './node-port.ts';

/** `/v1/history`. Throws RingError UNAVAILABLE. */
export function historyView(port: NodePort): History {
  const { ring } = knownRing(port);
  const { prefixEpoch, records } = port.history();
  return {
    lineage: ring.lineage,
    epoch: ring.epoch,
    ringFingerprint: ring.ringFingerprint,
    chainHash: ring.chainHash,
    prefixEpoch,
    fork: forkView(ring.fork),
    records: records.map((record) => ({
      epoch: record.epoch,
      kind: record.kind,
      lineage: record.lineage,
      previous: record.previous,
      operationId: record.operationId,
      operation: record.operation,
      subjects: record.subjects.map(({ hostId, tokens }) => ({ hostId, tokens: tokens.map(String) })),
      replaces: record.replaces,
      strict: record.strict,
      schemaVersion: record.schemaVersion,
      proposer: record.proposer,
      proposedAtMs: record.proposedAtMs,
      found:
        record.found === null
          ? null
          : {
              clusterId: record.found.clusterId,
              clusterName: record.found.clusterName,
              detector: record.found.detector,
            },
      alter:
        record.alter === null
          ? null
          : { keyspace: record.alter.keyspace, replication: { ...record.alter.replication } },
    })),
  };
}

/** The fork that the ring shows, as every answer shows it. */
export function forkView(fork: ForkView | null): Fork | null {
  if (fork === null) return null;
  return { mine: positionView(fork.mine), theirs: positionView(fork.theirs), witness: fork.witness };
}

function positionView({ epoch, lineage, chainHash }: PositionView): Fork['mine'] {
  return { epoch, lineage, chainHash };
}
