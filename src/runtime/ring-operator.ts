import type { HostId } from '../base/id.ts';
import type { BegunOperation, DecidedRecord, OperatorPort, RequestedOperation } from '../http/operator-port.ts';
import type { Command, OperationBegun, RecordDecided } from '../node/command.ts';

/** Gives commands to the core; rejects with its RingError. */
export interface Commanded {
  command(command: Command): Promise<unknown>;
}

/** Changes of the ring as commands to the core. */
export class RingOperator implements OperatorPort {
  readonly #core: Commanded;

  constructor(core: Commanded) {
    this.#core = core;
  }

  async begin(request: RequestedOperation, force: boolean): Promise<BegunOperation> {
    const begun = (await this.#core.command({ kind: 'beginOperation', request, force })) as OperationBegun;
    return { operationId: begun.operationId, epoch: begun.epoch };
  }

  async abort(operationId: string): Promise<void> {
    await this.#core.command({ kind: 'abortOperation', operationId });
  }

  async resume(operationId: string): Promise<void> {
    await this.#core.command({ kind: 'resumeOperation', operationId });
  }

  async assassinate(hostId: HostId, force: boolean): Promise<DecidedRecord> {
    return decided(await this.#core.command({ kind: 'forceRemove', hostId, force }));
  }

  async readmit(hostId: HostId, force: boolean): Promise<DecidedRecord> {
    return decided(await this.#core.command({ kind: 'readmit', hostId, force }));
  }

  async adopt(lineage: string): Promise<number> {
    return (await this.#core.command({ kind: 'adoptLineage', lineage })) as number;
  }

  async join(): Promise<void> {
    await this.#core.command({ kind: 'join' });
  }

  async drain(): Promise<void> {
    await this.#core.command({ kind: 'drain' });
  }

  async planRestart(leaseMs: number): Promise<void> {
    await this.#core.command({ kind: 'planRestart', leaseMs });
  }
}

function decided(answer: unknown): DecidedRecord {
  const { kind, epoch, lineage } = answer as RecordDecided;
  return { kind, epoch, lineage };
}
