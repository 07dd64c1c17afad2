import type { OperationView } from '../http/node-port.ts';
import type { NodeReader } from '../node/node-reader.ts';

/** The operations that are open (at most one), with what they wait for. */
export function openOperations(reader: NodeReader): OperationView[] {
  const open = reader.register.state?.operation ?? null;
  return open === null ? [] : [{ ...open, waitingFor: reader.operationWaitingFor }];
}
