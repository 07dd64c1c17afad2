import { afterEach, describe, expect, it, vi } from 'vitest';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { World } from '../../src/sim/world.ts';
import { singleMessages } from '../sim/single-messages.ts';

const voters = 5;
const oneWayMs = 50;
const seeds = 20;
const votes: ReadonlySet<string> = new Set(['prepare', 'promise', 'accept', 'accepted', 'reject']);

afterEach(() => {
  vi.restoreAllMocks();
});

/** Round trips from a proposal at the lowest live voter to its decision there, every message and no disk taking time. */
function roundTrips(seed: number, dead: number): number {
  const world = new World(seed);
  const nodes = convergedCluster(world, voters, { tokens: 4 });
  const [proposer, ...others] = nodes.toSorted((left, right) => (left.hostId < right.hostId ? -1 : 1));
  for (const node of others.slice(0, dead)) node.stop();
  world.run(5_000);
  for (const node of nodes) node.commitMs = 0;
  vi.spyOn(world.network, 'deliveriesMs').mockReturnValue([oneWayMs]);
  world.run(5_000);
  // A stream would have to be opened first.
  world.tap((_from, _to, channel, message) => {
    for (const { kind } of singleMessages(message))
      if (votes.has(kind)) expect([kind, channel]).toEqual([kind, 'datagram']);
    return true;
  });
  const { epoch } = proposer!.reader.register.position;
  const request = { operation: 'decommission', hostId: others.at(-1)!.hostId } as const;
  const beganMs = world.nowMs;
  proposer!.command({ kind: 'beginOperation', request, force: false });
  while (proposer!.reader.register.position.epoch === epoch && world.nowMs < beganMs + 10_000) world.run(1);
  return Math.ceil((world.nowMs - beganMs) / (2 * oneWayMs));
}

describe('a record of the ring', () => {
  it.each([0, 1, 2])(
    `is decided in at most 3 round trips with ${voters} voters, %i of them dead, over ${seeds} seeds`,
    (dead) => {
      for (let seed = 1; seed <= seeds; seed++) {
        const trips = roundTrips(seed, dead);
        expect(trips, `seed ${seed}`).toBeGreaterThan(0);
        expect(trips, `seed ${seed}`).toBeLessThanOrEqual(3);
      }
    },
  );
});
