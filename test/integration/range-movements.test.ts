import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type MovementContext,
  type MovementTask,
  type MurmuringNode,
  type NodeOptions,
  startNode,
} from '../../src/runtime/murmuring.ts';
import { freshDirectory, until } from './processes.ts';

/** What nodes were asked to move, and how it goes: by default every movement is done at once. */
class Mover {
  readonly tasks: MovementTask[] = [];
  move: (task: MovementTask, context: MovementContext) => Promise<void> = async () => {};

  readonly onRangeMovement = async (task: MovementTask, context: MovementContext): Promise<void> => {
    this.tasks.push(task);
    await this.move(task, context);
  };
}

async function embed(mover: Mover, options: Partial<NodeOptions> = {}): Promise<MurmuringNode> {
  const node = await startNode({
    cluster: 'moving',
    listen: '127.0.0.1:0',
    http: false,
    data: await freshDirectory(),
    gossipIntervalMs: 100,
    logger: pino({ level: 'silent' }),
    onRangeMovement: mover.onRangeMovement,
    ...options,
  });
  onTestFinished(() => node.stop());
  return node;
}

/** Two members, and a keyspace of one replica: every range that is lost is somebody's gain. */
async function pair(mover: Mover): Promise<[MurmuringNode, MurmuringNode]> {
  const a = await embed(mover, { onStart: (node) => node.setState('port', '9042') });
  await a.putKeyspace('ks', { class: 'SimpleStrategy', replication_factor: 1 });
  return [a, await embed(mover, { seeds: [a.gossipAddress] })];
}

describe('range movements of embedded nodes', () => {
  it('reach who gains and who loses with exact ranges and addresses, and a joiner owns nothing before they are done', async () => {
    const mover = new Mover();
    const states: (string | undefined)[] = [];
    mover.move = async (task) => {
      if (task.role === 'gain') states.push(task.sources[0]?.states.port);
    };
    const [a, b] = await pair(mover);
    const gained = mover.tasks.filter(({ role }) => role === 'gain');
    expect(gained.map(({ operation, keyspace }) => `${operation} ${keyspace}`)).toEqual(['bootstrap ks']);
    expect(gained[0]!.sources).toMatchObject([{ hostId: a.hostId, address: a.gossipAddress }]);
    expect(gained[0]!.targets).toMatchObject([{ hostId: b.hostId, address: b.gossipAddress }]);
    expect(states).toEqual(['9042']);
    const owned = b.ranges({ keyspace: 'ks' }).filter(({ replicas }) => replicas[0]!.hostId === b.hostId);
    expect(gained[0]!.ranges.length).toBeGreaterThan(0);
    for (const { range } of owned) {
      const holds = gained[0]!.ranges.some(({ left, right }) => left <= range.left && range.right <= right);
      expect(holds || range.left > range.right).toBe(true);
    }
    expect(mover.tasks.filter(({ role }) => role === 'lose').map(({ sources }) => sources[0]!.hostId)).toEqual([
      a.hostId,
    ]);
  });

  it('that fail leave a decommission where it is, shown and resumable; then the leaver has left', async () => {
    const mover = new Mover();
    const [a, b] = await pair(mover);
    mover.move = async ({ role }, { progress }) => {
      progress(0.5);
      if (role === 'gain') throw new Error('disk full');
    };
    const leaving = b.decommission();
    await until(async () => {
      const { participants } = await a.operationProgress();
      return participants.some(({ hostId, failed }) => hostId === a.hostId && failed === 'disk full');
    }, 15_000);
    const [open] = a.operations();
    expect(open).toMatchObject({ kind: 'decommission', step: 'begin' });
    expect(a.ring()!.natural).toHaveLength(2);
    mover.move = async () => {};
    await a.resumeOperation(open!.operationId);
    await leaving;
    expect(await b.stopped).toBeNull();
    await until(() => a.ring()!.natural.length === 1, 5_000);
    expect(await a.awaitOperation(open!.operationId)).toBe('end');
    expect(a.operations()).toEqual([]);
  });

  it('are broken off by their signal when the operation is aborted, and the ring is as before', async () => {
    const mover = new Mover();
    const [a, b] = await pair(mover);
    let broken = 0;
    mover.tasks.length = 0;
    mover.move = (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          broken++;
          reject(new Error('aborted'));
        });
      });
    const leaving = b.decommission().catch((error: unknown) => error);
    await until(() => mover.tasks.length === 2, 15_000);
    // Both are told which ring they move by, and it is the same.
    const { epoch, fingerprint } = a.ring()!;
    for (const task of mover.tasks) expect(task).toMatchObject({ epoch, ringFingerprint: fingerprint });
    const { operationId } = a.operations()[0]!;
    await a.abortOperation(operationId);
    expect(await leaving).toMatchObject({ code: 'SUPERSEDED' });
    await until(() => broken === 2, 5_000);
    expect(a.ring()!.natural).toHaveLength(2);
    await expect(a.awaitOperation('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
      code: 'UNKNOWN_OPERATION',
    });
  });

  it('are aborted when their node stops, and stopping waits for them', async () => {
    const mover = new Mover();
    const [, b] = await pair(mover);
    mover.tasks.length = 0;
    let over = false;
    mover.move = (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          setImmediate(() => {
            over = true;
            resolve();
          });
        });
      });
    const leaving = b.decommission().catch((error: unknown) => error);
    await until(() => mover.tasks.some(({ role }) => role === 'lose'), 15_000);
    await b.stop();
    expect(over).toBe(true);
    expect(await leaving).toMatchObject({ code: 'STOPPED' });
  });
});
