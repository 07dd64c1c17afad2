import type { Operation, Operations } from '../../api/operations.ts';
import { printable, timeText } from './quantities.ts';

/** The operations that are open, each with what it waits for. */
export function operationsText({ epoch, operations }: Operations): string {
  if (operations.length === 0) return `No operation is open at epoch ${epoch}.\n`;
  return operations.map(operationText).join('\n');
}

function operationText(operation: Operation): string {
  const subjects = operation.subjects.map(({ hostId, address }) =>
    address === null ? hostId : `${address} (${hostId})`,
  );
  const lines: [label: string, value: string][] = [
    ['Operation', `${operation.kind} ${operation.operationId}`],
    ['Step', `${operation.step}, decided as epoch ${operation.stepEpoch}`],
    ['Began', `${timeText(operation.beganAtMs)}, as epoch ${operation.beginEpoch}`],
    ['Subjects', subjects.join(', ')],
    ...(operation.replaces === null ? [] : ([['Replaces', operation.replaces]] as [string, string][])),
    ...operation.waitingFor.map((text): [string, string] => ['Waiting for', text]),
  ];
  return lines.map(([label, value]) => `${label.padEnd(11)}: ${printable(value)}\n`).join('');
}
