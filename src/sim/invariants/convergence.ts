import { InvariantViolation } from '../../base/error.ts';
import type { HostId } from '../../base/id.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';

/** Nodes whose members and states are compared in a large world, spread evenly; their rings and schemas all are. */
const maxObservers = 64;

/**
 * What keeps the running nodes of a quiet world from one view of it: ring, liveness (who runs is alive for all, and nobody
 * else is), schema, and the states of each as its owner has them (heartbeats are on their way at any moment). Null once
 * nothing does.
 */
export function differenceOf(world: World): string | null {
  const running = world.nodes.filter((node) => node.running);
  const alive = new Set(running.map((node) => node.hostId));
  const stride = Math.ceil(running.length / maxObservers);
  const [first] = running;
  if (first === undefined) return null;
  const fingerprint = first.reader.ring()?.fingerprint;
  for (const [place, node] of running.entries()) {
    const ring = node.reader.ring();
    if (!node.ready) return `${node.address} is not ready: ${node.reader.waitingFor.join('; ')}`;
    if (ring?.fingerprint !== fingerprint) {
      return `${node.address} has ring ${ring?.epoch} ${ring?.fingerprint}, ${first.address} ${first.reader.ring()?.epoch} ${fingerprint}`;
    }
    if (node.reader.schema.version !== first.reader.schema.version) {
      return `${node.address} has schema ${node.reader.schema.version}, ${first.address} ${first.reader.schema.version}`;
    }
    if (place % stride !== 0) continue;
    const difference = differenceOfMembers(node, alive) ?? differenceOfStates(node, running);
    if (difference !== null) return difference;
  }
  return null;
}

/** @throws InvariantViolation with the seed, where `differenceOf` names a difference. */
export function demandConvergence(world: World): void {
  const difference = differenceOf(world);
  if (difference === null) return;
  throw new InvariantViolation(`seed ${world.seed} at ${Math.round(world.nowMs)} ms, after quiet: ${difference}`);
}

/** Who runs is alive for everybody, and nobody else is. */
function differenceOfMembers(node: SimulatedNode, alive: ReadonlySet<HostId>): string | null {
  const missing = new Set(alive);
  for (const member of node.reader.members()) {
    const truth = missing.delete(member.hostId) ? 'alive' : 'dead';
    if (member.liveness !== truth)
      return `${member.hostId} is ${member.liveness} at ${node.address}, and it is ${truth}`;
  }
  return missing.size === 0 ? null : `${node.address} knows nothing of ${[...missing].join(', ')}`;
}

function differenceOfStates(node: SimulatedNode, running: readonly SimulatedNode[]): string | null {
  for (const owner of running) {
    if (owner === node) continue;
    const own = owner.reader.endpointState(owner.hostId);
    const seen = node.reader.endpointState(owner.hostId);
    if (own === null || seen === null || own.generation !== seen.generation) {
      return `${owner.address} is at generation ${own?.generation}, for ${node.address} at ${seen?.generation}`;
    }
    if (own.values === seen.values) continue;
    for (const key of new Set([...own.values.keys(), ...seen.values.keys()])) {
      const said = own.values.get(key)?.value ?? null;
      const heard = seen.values.get(key)?.value ?? null;
      if (said !== heard) return `${key} of ${owner.address} is ${said}, for ${node.address} ${heard}`;
    }
  }
  return null;
}
