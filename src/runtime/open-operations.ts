import type { OperationProgress, OperationView } from '../http/node-port.ts';
import type { ViewSurvey } from '../node/command.ts';
import type { NodeReader } from '../node/node-reader.ts';

/** The operations that are open (at most one), with what they wait for. */
export function openOperations(reader: NodeReader): OperationView[] {
  const open = reader.register.state?.operation ?? null;
  return open === null ? [] : [{ ...open, waitingFor: reader.operationWaitingFor }];
}

/** How far the operation is, by what those said whom it concerns. */
export function operationProgress({ answers }: ViewSurvey): OperationProgress {
  const reports = answers.flatMap(({ hostId, operation }) => (operation === null ? [] : [{ hostId, ...operation }]));
  return {
    participants: reports
      .map(({ hostId, movements }) => ({
        hostId,
        movements: movements?.total ?? null,
        done: movements?.done ?? 0,
        progress: movements?.ratio ?? 0,
        failed: movements?.failed ?? null,
      }))
      .sort((left, right) => (left.hostId < right.hostId ? -1 : 1)),
    waitingFor: reports.flatMap(({ waitingFor }) => waitingFor),
  };
}
