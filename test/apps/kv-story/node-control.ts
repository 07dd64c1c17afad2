import type { Faults } from '#dist/transport/fault-transport';
import type { KvOptions } from '../kv/kv-node.ts';
import type { DoorFaults } from './lossy-door.ts';

/** What a node of the story is started with: a JSON file. */
export interface NodeSetup {
  readonly kv: Pick<KvOptions, 'node' | 'replicationFactor'>;
  readonly seed: number;
  readonly barriers: boolean;
  readonly faults: NodeFaults;
}

export interface NodeFaults {
  /** Of what murmuring's nodes say to one another. */
  readonly gossip: Faults;
  /** Of what coordinators say to replicas. */
  readonly door: DoorFaults;
}

/** What the story says to a node while it runs. An order is answered once, by its number. */
export type Order = { readonly id: number } & (
  | { readonly kind: 'faults'; readonly faults: NodeFaults }
  | { readonly kind: 'decommission' }
  | { readonly kind: 'move'; readonly token: string }
  | { readonly kind: 'remove'; readonly hostId: string }
  /** Tries again what failed in the open operation, if any is open. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'look' }
);

/** How a node sees the cluster. */
export interface Look {
  readonly epoch: number;
  readonly owners: readonly string[];
  readonly dead: readonly string[];
  /** What is being done to the ring. */
  readonly operations: readonly string[];
}

export type Answer =
  | { readonly kind: 'ready'; readonly address: string; readonly gossipAddress: string; readonly hostId: string }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: string };
