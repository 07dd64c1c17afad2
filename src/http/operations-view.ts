import type { Operations } from '../api/operations.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort, OperationView } from './node-port.ts';

/** `/v1/ops`. Throws RingError UNAVAILABLE. */
export function operationsView(port: NodePort): Operations {
  const { ring, members } = knownRing(port);
  const addresses = new Map(members.map((member) => [member.hostId, member.address]));
  return {
    epoch: ring.epoch,
    ringFingerprint: ring.ringFingerprint,
    operations: port.operations().map((operation) => ({
      operationId: operation.operationId,
      kind: operation.kind,
      step: operation.step,
      subjects: operation.subjects.map(({ hostId }) => ({ hostId, address: addresses.get(hostId) ?? null })),
      replaces: operation.replaces,
      beginEpoch: operation.beginEpoch,
      stepEpoch: operation.stepEpoch,
      beganAtMs: operation.beganAtMs,
      waitingFor: [...operation.waitingFor],
      participants: operation.participants.map(({ hostId, movements, done, progress, failed }) => ({
        hostId,
        address: addresses.get(hostId) ?? null,
        movements,
        done,
        progress,
        failed,
      })),
    })),
  };
}

/** An open operation in one sentence. */
export function describeOperation({ kind, operationId, subjects, step, stepEpoch }: OperationView): string {
  const names = subjects.map((subject) => subject.hostId).join(', ');
  const whose = names === '' ? '' : ` of ${names}`;
  return `${kind} ${operationId}${whose} is open, at ${step} since epoch ${stepEpoch}`;
}
