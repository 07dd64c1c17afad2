import { effectiveOwnership } from '../../src/ring/ownership.ts';
import { ReplicaTable } from '../../src/ring/replica-table.ts';
import { parseReplication } from '../../src/ring/replication-strategy.ts';
import { TokenMap } from '../../src/ring/token-map.ts';
import type { Token } from '../../src/token/token.ts';
import { type AllocationRequest, allocateTokens, type TokenOwner } from '../../src/token/token-allocator.ts';

/** How a newcomer gets its tokens: ours, or one that is compared with it. */
export type Allocate = (request: AllocationRequest) => Token[];

/** Load as (share / weight) over the mean of that: 1 is even. */
export interface Balance {
  /** Largest load over the mean of all hosts. */
  readonly largest: number;
  readonly least: number;
  /** Largest load over the mean of its own rack: with a rack for each replica no choice of tokens can move load between racks. */
  readonly largestInRack: number;
  /** Standard deviation of the loads from the means of their racks. */
  readonly deviationInRack: number;
}

/** A datacenter that grows and shrinks host by host, judged by the strategy that routes, not by the allocator. */
export class GrowingRing {
  owners: TokenOwner[] = [];
  readonly #racks: number;
  readonly #replicationFactor: number;
  readonly #allocate: Allocate;
  #added = 0;

  constructor(options: { racks: number; replicationFactor: number; allocate?: Allocate }) {
    this.#racks = options.racks;
    this.#replicationFactor = options.replicationFactor;
    this.#allocate = options.allocate ?? allocateTokens;
  }

  /** One more host, in the rack that has the fewest. */
  add(count: number): TokenOwner {
    const racks = Array.from({ length: this.#racks }, (_, index) => `rack${index}`);
    const sizes = racks.map((rack) => this.owners.filter((owner) => owner.rack === rack).length);
    const hostId = `00000000-0000-4000-8000-${String(this.#added++).padStart(12, '0')}`;
    const newcomer = { hostId, rack: racks[sizes.indexOf(Math.min(...sizes))]! };
    const taken = new Set(this.owners.flatMap((owner) => owner.tokens));
    const known = new Set([newcomer, ...this.owners].map(({ rack }) => rack)).size;
    const tokens = this.#allocate({
      owners: this.owners,
      newcomer,
      count,
      replicationFactor: this.#replicationFactor,
      rackAware: known >= this.#replicationFactor,
      isTaken: (token) => taken.has(token),
    });
    const owner = { ...newcomer, tokens };
    this.owners.push(owner);
    return owner;
  }

  leave(leavers: ReadonlySet<TokenOwner>): void {
    this.owners = this.owners.filter((owner) => !leavers.has(owner));
  }

  balance(): Balance {
    const strategy = parseReplication({ class: 'NetworkTopologyStrategy', dc1: this.#replicationFactor }, ['dc1']);
    const map = TokenMap.of(
      this.owners.map((owner) => ({ ...owner, datacenter: 'dc1' })),
      1,
    );
    const shares = effectiveOwnership(new ReplicaTable(map, strategy));
    const loadsOf = (owners: readonly TokenOwner[]): number[] => {
      const share = (owner: TokenOwner): number => shares.get(owner.hostId)!;
      const sum = (of: (owner: TokenOwner) => number): number => owners.reduce((all, owner) => all + of(owner), 0);
      const mean = sum(share) / sum(({ tokens }) => tokens.length);
      return owners.map((owner) => share(owner) / owner.tokens.length / mean);
    };
    const loads = loadsOf(this.owners);
    const racks = [...new Set(this.owners.map(({ rack }) => rack))];
    const inRack = racks.flatMap((rack) => loadsOf(this.owners.filter((owner) => owner.rack === rack)));
    return {
      largest: Math.max(...loads),
      least: Math.min(...loads),
      largestInRack: Math.max(...inRack),
      deviationInRack: Math.sqrt(inRack.reduce((sum, load) => sum + (load - 1) ** 2, 0) / inRack.length),
    };
  }
}
