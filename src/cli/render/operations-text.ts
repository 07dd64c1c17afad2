import type { Operation, Operations, Participant } from '../../api/operations.ts';
import { barText } from '../progress-bar.ts';
import { columns } from './columns.ts';
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
    ...(subjects.length === 0 ? [] : ([['Subjects', subjects.join(', ')]] as [string, string][])),
    ...(operation.replaces === null ? [] : ([['Replaces', operation.replaces]] as [string, string][])),
    ...(operation.strict
      ? []
      : ([['Forced', 'ranges are read from fewer sources than would be safe']] as [string, string][])),
    ...operation.waitingFor.map((text): [string, string] => ['Waiting for', text]),
  ];
  const head = lines.map(([label, value]) => `${label.padEnd(11)}: ${printable(value)}\n`).join('');
  const moving = operation.participants.filter(({ movements }) => movements !== 0);
  return moving.length === 0 ? head : `${head}\n${columns(moving.map(participantRow))}`;
}

function participantRow({ hostId, address, movements, done, progress, failed }: Participant): string[] {
  const name = printable(address ?? hostId);
  if (movements === null) return [name, 'has not been told to move yet', ''];
  const count = `${done} of ${movements} movements`;
  return [name, barText(progress), failed === null ? count : `${count}, failed: ${printable(failed)}`];
}

/** How far the data of an operation is, 0 to 1; 0 while nobody was told to move, and 1 where nothing moves. */
export function progressOf({ participants, step }: Operation): number {
  const moving = participants.filter(({ movements }) => movements !== 0);
  if (moving.length === 0) return step === 'begin' ? 0 : 1;
  return moving.reduce((sum, { progress }) => sum + progress, 0) / moving.length;
}
