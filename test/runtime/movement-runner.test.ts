import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import type { Command } from '../../src/node/command.ts';
import type { RangeMovement } from '../../src/ring/range-movement.ts';
import { MovementRunner } from '../../src/runtime/movement-runner.ts';
import type { MovementContext, MovementTask } from '../../src/runtime/range-movement-handler.ts';

const movement = (id: string): RangeMovement => ({
  id,
  operationId: 'op',
  operation: 'decommission',
  keyspace: 'ks',
  ranges: [{ left: -5n, right: 7n }],
  sources: ['h1'],
  targets: ['h2'],
  epoch: 9,
});

const told = (id: string) => ({ kind: 'movement', movement: movement(id), role: 'gain' }) as const;
const cancelled = (movementId: string) => ({ kind: 'movementCancelled', movementId }) as const;

/** What was handed to the application and is not settled yet. */
interface Running extends MovementContext {
  readonly id: string;
  done(): void;
  fail(error: unknown): void;
}

/** A runner whose application does what the test says, when it says so. */
class World {
  readonly running: Running[] = [];
  readonly commands: Command[] = [];
  readonly warnings: string[] = [];
  refuse: RingError | null = null;
  readonly runner = new MovementRunner({
    handler: ({ id }, context) =>
      new Promise<void>((resolve, reject) => {
        const settle =
          <T>(how: (value: T) => void) =>
          (value: T) => {
            this.running.splice(this.running.indexOf(entry), 1);
            how(value);
          };
        const entry: Running = { id, ...context, done: settle(resolve) as () => void, fail: settle(reject) };
        this.running.push(entry);
      }),
    taskOf: ({ sources, targets, ...facts }, role): MovementTask => ({
      ...facts,
      role,
      sources: [],
      targets: [],
      ringFingerprint: '',
    }),
    command: async (command) => {
      this.commands.push(command);
      if (this.refuse !== null) throw this.refuse;
    },
    warn: (text) => this.warnings.push(text),
  });

  get ids(): string[] {
    return this.running.map(({ id }) => id);
  }
}

/** Lets every promise that can settle do so. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the movement runner', () => {
  it('runs four movements at a time, in the order told, and tells the core of each that is done', async () => {
    const world = new World();
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) world.runner.heard(told(id));
    expect(world.ids).toEqual(['a', 'b', 'c', 'd']);
    world.running[1]!.done();
    await settled();
    expect(world.ids).toEqual(['a', 'c', 'd', 'e']);
    expect(world.commands).toEqual([{ kind: 'movementDone', movementId: 'b' }]);
  });

  it('tells the core why a movement failed, and runs it again when it is told again', async () => {
    const world = new World();
    world.runner.heard(told('a'));
    world.running[0]!.fail(new Error('disk full'));
    await settled();
    expect(world.commands).toEqual([{ kind: 'movementFailed', movementId: 'a', reason: 'disk full' }]);
    expect(world.warnings).toEqual(['movement a failed: disk full']);
    world.runner.heard(told('a'));
    expect(world.ids).toEqual(['a']);
  });

  it('runs a movement that it is told of twice but once', async () => {
    const world = new World();
    for (let time = 0; time < 2; time++) world.runner.heard(told('a'));
    expect(world.ids).toEqual(['a']);
  });

  it('aborts a cancelled movement, says nothing of its end, and begins it anew only when the first has let go', async () => {
    const world = new World();
    world.runner.heard(told('a'));
    const first = world.running[0]!;
    world.runner.heard(cancelled('a'));
    expect(first.signal.aborted).toBe(true);
    world.runner.heard(told('a'));
    expect(world.running).toEqual([first]);
    first.fail(new Error('aborted'));
    await settled();
    expect(world.ids).toEqual(['a']);
    expect(world.running[0]).not.toBe(first);
    expect(world.running[0]!.signal.aborted).toBe(false);
    expect(world.commands).toEqual([]);
    expect(world.warnings).toEqual([]);
  });

  it('drops a cancelled movement that still waits', async () => {
    const world = new World();
    for (const id of ['a', 'b', 'c', 'd', 'e']) world.runner.heard(told(id));
    world.runner.heard(cancelled('e'));
    world.running[0]!.done();
    await settled();
    expect(world.ids).toEqual(['b', 'c', 'd']);
  });

  it('tells progress in steps of a hundredth, within 0 and 1, and none after the end', () => {
    const world = new World();
    world.runner.heard(told('a'));
    const { progress } = world.running[0]!;
    for (const ratio of [0.001, 0.25, 0.251, 0.4, Number.NaN, 7]) progress(ratio);
    expect(world.commands.map((command) => 'ratio' in command && command.ratio)).toEqual([0.25, 0.4, 0, 1]);
    world.runner.heard(cancelled('a'));
    progress(0.5);
    expect(world.commands).toHaveLength(4);
  });

  it('stops by aborting all, waits for the handlers, and tells the core nothing any more', async () => {
    const world = new World();
    world.runner.heard(told('a'));
    const [first] = world.running;
    let over = false;
    const stopping = world.runner.stop().then(() => {
      over = true;
    });
    await settled();
    expect(first!.signal.aborted).toBe(true);
    expect(over).toBe(false);
    first!.done();
    await stopping;
    world.runner.heard(told('b'));
    expect(world.ids).toEqual([]);
    expect(world.commands).toEqual([]);
    await world.runner.stop();
  });

  it('warns when the core does not take an outcome, and goes on', async () => {
    const world = new World();
    world.refuse = new RingError('REFUSED', 'no such movement');
    world.runner.heard(told('a'));
    world.running[0]!.done();
    await settled();
    expect(world.warnings).toEqual(['the outcome of movement a was not taken: no such movement']);
  });
});
