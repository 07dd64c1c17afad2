import type { Operation, OperationStanding, Operations } from '../api/operations.ts';
import { RingError } from '../base/error.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort, OperationView } from './node-port.ts';

/** Who does not say within this how far it is, is shown without. */
const askMs = 1_000;

/** By the last record of an operation that is not open. A forced removal closes one with a record of its own. */
const outcomes: Readonly<Record<string, OperationStanding['outcome']>> = { end: 'ended', abort: 'aborted' };

/** `/v1/ops`. Rejects with RingError UNAVAILABLE. */
export async function operationsView(port: NodePort): Promise<Operations> {
  const operations = await openOperations(port);
  const { ring } = knownRing(port);
  return { epoch: ring.epoch, ringFingerprint: ring.ringFingerprint, operations };
}

/** `/v1/ops/:id`. Rejects with RingError UNAVAILABLE, or UNKNOWN_OPERATION if no record that is kept names it. */
export async function operationStanding(port: NodePort, operationId: string): Promise<OperationStanding> {
  const operations = await openOperations(port);
  const { ring } = knownRing(port);
  const records = port.history().records.filter((record) => record.operationId === operationId);
  const begin = records.find(({ operation }) => operation !== null);
  const open = operations.find((operation) => operation.operationId === operationId) ?? null;
  const kind = open?.kind ?? begin?.operation ?? null;
  if (kind === null) {
    throw new RingError('UNKNOWN_OPERATION', `no operation that this node knows has the id ${operationId}`, {
      hint: 'See `ringctl ops` and `ringctl history`.',
    });
  }
  const last = records.at(-1);
  return {
    operationId,
    kind,
    outcome: open !== null ? 'open' : (outcomes[last?.kind ?? ''] ?? 'superseded'),
    epoch: last?.epoch ?? open!.stepEpoch,
    ringFingerprint: ring.ringFingerprint,
    operation: open,
  };
}

/** An open operation in one sentence. */
export function describeOperation({ kind, operationId, subjects, step, stepEpoch }: OperationView): string {
  const names = subjects.map((subject) => subject.hostId).join(', ');
  const whose = names === '' ? '' : ` of ${names}`;
  return `${kind} ${operationId}${whose} is open, at ${step} since epoch ${stepEpoch}`;
}

async function openOperations(port: NodePort): Promise<Operation[]> {
  const { members } = knownRing(port);
  const addresses = new Map(members.map((member) => [member.hostId, member.address]));
  if (port.operations().length === 0) return [];
  const { participants, waitingFor } = await port.operationProgress(askMs);
  return port.operations().map((operation) => ({
    operationId: operation.operationId,
    kind: operation.kind,
    step: operation.step,
    subjects: operation.subjects.map(({ hostId }) => ({ hostId, address: addresses.get(hostId) ?? null })),
    replaces: operation.replaces,
    strict: operation.strict,
    beginEpoch: operation.beginEpoch,
    stepEpoch: operation.stepEpoch,
    beganAtMs: operation.beganAtMs,
    waitingFor: [...(waitingFor.length === 0 ? operation.waitingFor : waitingFor)],
    participants: participants.map(({ hostId, movements, done, progress, failed }) => ({
      hostId,
      address: addresses.get(hostId) ?? null,
      movements,
      done,
      progress,
      failed,
    })),
  }));
}
