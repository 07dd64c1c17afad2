import type { HostId } from '../../src/base/id.ts';
import type { MovementRole } from '../../src/lifecycle/own-movements.ts';
import type { Command } from '../../src/node/command.ts';
import type { CommandResult } from '../../src/node/core-io.ts';
import type { RangeMovement } from '../../src/ring/range-movement.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import type { World } from '../../src/sim/world.ts';

export interface MovementTold {
  readonly node: SimulatedNode;
  readonly movement: RangeMovement;
  readonly role: MovementRole;
}

/** The application of a world whose nodes take movements: it moves what it is told within `takesMs`, and may fail. */
export class DataMover {
  readonly told: MovementTold[] = [];
  readonly cancelled: string[] = [];
  /** What moves now, by node, life and movement: neither done, failed nor cancelled. */
  readonly #running = new Map<string, MovementTold>();
  /** Movements that ran to their end although their operation had gone on without them, and that were never cancelled. */
  readonly unwanted: string[] = [];
  takesMs = 200;
  /** Why a movement fails, or null: it succeeds. */
  fault: (told: MovementTold) => string | null = () => null;

  constructor(world: World) {
    world.listen((node, event) => {
      if (event.kind === 'movementCancelled') {
        this.cancelled.push(event.movementId);
        this.#running.delete(`${node.address} ${node.life} ${event.movementId}`);
      }
      if (event.kind !== 'movement') return;
      const told = { node, movement: event.movement, role: event.role };
      this.told.push(told);
      const { life } = node;
      const key = `${node.address} ${life} ${event.movement.id}`;
      this.#running.set(key, told);
      world.at(world.nowMs + this.takesMs, () => {
        const wanted = this.#running.get(key) === told && this.#running.delete(key);
        // What was cancelled is broken off, and answers nothing.
        if (!wanted || !node.running || node.life !== life) return;
        const { id: movementId } = event.movement;
        const reason = this.fault(told);
        const open = node.reader.register.state?.operation;
        const isOpen = open?.operationId === event.movement.operationId && open.step === 'begin';
        if (!isOpen) this.unwanted.push(`${key} of ${event.movement.operation}`);
        node.command(
          reason === null ? { kind: 'movementDone', movementId } : { kind: 'movementFailed', movementId, reason },
        );
      });
    });
  }

  of(hostId: HostId): MovementTold[] {
    return this.told.filter(({ node }) => node.running && node.hostId === hostId);
  }
}

/** A cluster whose application takes movements, with a keyspace `app` of `factor` replicas, known to all. */
export function movingCluster(
  world: World,
  size: number,
  factor: number,
  config: Parameters<World['cluster']>[1] = {},
): SimulatedNode[] {
  const each = typeof config === 'function' ? config : () => config;
  const nodes = world.cluster(size, (index) => ({ tokens: 4, movements: true, ...each(index) }));
  const replication = { class: 'SimpleStrategy', replication_factor: factor };
  nodes[0]!.command({ kind: 'putSchema', type: 'keyspace', name: 'app', replication, document: null });
  const version = (): string => nodes[0]!.reader.schema.version;
  if (!world.runUntil(() => nodes.every((node) => node.reader.schema.version === version()), 20_000)) {
    throw new Error('the schema did not spread');
  }
  world.run(3_000);
  return nodes;
}

/** Gives a command and runs until it is answered. */
export function ask(world: World, node: SimulatedNode, command: Command, withinMs = 30_000): CommandResult {
  const id = node.command(command);
  if (!world.runUntil(() => node.resultOf(id) !== null, withinMs)) throw new Error(`no answer to ${command.kind}`);
  return node.resultOf(id)!;
}

/** True once no operation is open at any running node, and all are at one epoch. */
export function settled(world: World): boolean {
  const states = world.nodes.filter((node) => node.running).map((node) => node.reader.register.state);
  return states.every((state) => state?.operation === null && state.epoch === states[0]?.epoch);
}
