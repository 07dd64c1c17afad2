import { RingError } from '../base/error.ts';
import { type Random, shuffle } from '../base/random.ts';
import type { NetworkOptions } from './network.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { World } from './world.ts';

/** Which nodes a step is about: by their places, a number drawn by the seed from those that run, or all. */
export type NodeChoice = readonly number[] | { readonly random: number } | 'all';

/**
 * One line of a scenario: what happens at `at` (ms after the scenario begins).
 *
 * - `crash` loses what was not committed; `stop` says goodbye; `restart` starts what does not run.
 * - `stall`: the event loop stands still `forMs`, again each `everyMs` for `times` times.
 * - `set`: the node sets an application state; null deletes. `load`: its LOAD.
 * - `partition` lists groups of places, who is in none is in the first; `cut` is one direction between two nodes;
 *   `degrade` makes links of single nodes lossy; `heal` ends all three. `network` changes the network as a whole.
 * - `skew` sets a node's wall clock wrong.
 */
export type Step = { readonly at: number } & (
  | { readonly do: 'crash' | 'stop' | 'restart'; readonly nodes: NodeChoice }
  | {
      readonly do: 'stall';
      readonly nodes: NodeChoice;
      readonly forMs: number;
      readonly everyMs?: number;
      readonly times?: number;
    }
  | { readonly do: 'set'; readonly nodes: NodeChoice; readonly key: string; readonly value: string | null }
  | { readonly do: 'load'; readonly nodes: NodeChoice; readonly bytes: number }
  | { readonly do: 'partition'; readonly groups: readonly (readonly number[])[] }
  | { readonly do: 'cut'; readonly from: number; readonly to: number }
  | {
      readonly do: 'degrade';
      readonly nodes: NodeChoice;
      readonly lossInRatio: number;
      readonly lossOutRatio: number;
    }
  | { readonly do: 'heal' }
  | { readonly do: 'network'; readonly change: Partial<NetworkOptions> }
  | { readonly do: 'skew'; readonly nodes: NodeChoice; readonly byMs: number }
);

/** What a step did, told as it happens. */
export type StepListener = (step: Step, nodes: readonly SimulatedNode[]) => void;

/**
 * Puts the steps into a world; they happen as it runs. `random` chooses nodes at the moment of the step, so one seed gives
 * one history.
 */
export function playScenario(
  world: World,
  steps: readonly Step[],
  random: Random,
  told: StepListener = () => {},
): void {
  const beganMs = world.nowMs;
  for (const step of steps) {
    world.at(beganMs + step.at, () => {
      const nodes = 'nodes' in step ? chosen(world, step.nodes, step.do === 'restart', random) : [];
      told(step, nodes);
      act(world, step, nodes);
    });
  }
}

function act(world: World, step: Step, nodes: readonly SimulatedNode[]): void {
  switch (step.do) {
    case 'partition':
      return world.network.partition(step.groups.map((group) => group.map((place) => nodeAt(world, place).address)));
    case 'cut':
      return world.network.cut(nodeAt(world, step.from).address, nodeAt(world, step.to).address);
    case 'heal':
      return world.network.heal();
    case 'network':
      return world.network.change(step.change);
    case 'crash':
    case 'stop':
    case 'restart':
    case 'stall':
    case 'set':
    case 'load':
    case 'degrade':
    case 'skew':
      for (const node of nodes) actOn(world, step, node);
  }
}

function actOn(world: World, step: Extract<Step, { nodes: NodeChoice }>, node: SimulatedNode): void {
  switch (step.do) {
    case 'crash':
      return node.crash();
    case 'stop':
      return node.stop();
    case 'restart':
      return node.start();
    case 'stall':
      for (let time = 0; time < (step.times ?? 1); time++) {
        world.at(world.nowMs + time * (step.everyMs ?? 0), () => {
          if (node.running) world.stall(node, step.forMs);
        });
      }
      return;
    case 'set':
      node.command({ kind: 'setStates', entries: [[step.key, step.value]] });
      return;
    case 'load':
      node.command({ kind: 'setLoad', bytes: step.bytes });
      return;
    case 'degrade':
      return world.network.degrade(node.address, step);
    case 'skew':
      node.clockSkewMs = step.byMs;
  }
}

function chosen(world: World, choice: NodeChoice, stopped: boolean, random: Random): SimulatedNode[] {
  const candidates = world.nodes.filter((node) => node.running !== stopped);
  if (choice === 'all') return candidates;
  if (!('random' in choice))
    return choice.map((place) => nodeAt(world, place)).filter((node) => node.running !== stopped);
  return shuffle([...candidates], random).slice(0, choice.random);
}

function nodeAt(world: World, place: number): SimulatedNode {
  const node = world.nodes[place];
  if (node === undefined) {
    throw new RingError(
      'INVALID_ARGUMENT',
      `the scenario names node ${place}, expected one below ${world.nodes.length}`,
      {
        hint: 'Places count from 0.',
      },
    );
  }
  return node;
}
