import type { HostId } from '../../base/id.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { HostRounds } from './host-rounds.ts';
import type { Invariant } from './invariant.ts';

interface Seen {
  readonly generation: number;
  readonly version: number;
  readonly bulkVersion: number;
}

/** What one process has seen in its life. */
interface Life {
  readonly life: number;
  epoch: number;
  readonly hosts: Map<HostId, Seen>;
}

/**
 * What an observer knows of a host never goes back while the observer lives: neither its generation nor, within one
 * generation, its counters; and its own ring never loses an epoch.
 */
export class NothingGoesBack implements Invariant {
  readonly rule = 'what a node knows never goes back within its life';
  readonly #lives = new WeakMap<SimulatedNode, Life>();
  readonly #rounds = new HostRounds();

  look(node: SimulatedNode): string | null {
    const { reader } = node;
    let life = this.#lives.get(node);
    if (life?.life !== node.life) {
      life = { life: node.life, epoch: 0, hosts: new Map() };
      this.#lives.set(node, life);
    }
    const epoch = reader.register.state?.epoch ?? 0;
    if (epoch < life.epoch) return `its ring went from epoch ${life.epoch} to ${epoch}`;
    life.epoch = epoch;
    for (const hostId of this.#rounds.next(node)) {
      const state = reader.endpointState(hostId);
      const seen = life.hosts.get(hostId);
      // An observer that was silent for long is forgotten, and met anew when it comes back.
      if (state === null) life.hosts.delete(hostId);
      if (state === null || state === seen) continue;
      if (seen !== undefined && isBehind(state, seen)) {
        return `${hostId} went from ${inWords(seen)} to ${inWords(state)}`;
      }
      life.hosts.set(hostId, state);
    }
    return null;
  }
}

const isBehind = (now: Seen, before: Seen): boolean =>
  now.generation === before.generation
    ? now.version < before.version || now.bulkVersion < before.bulkVersion
    : now.generation < before.generation;

const inWords = ({ generation, version, bulkVersion }: Seen): string =>
  `generation ${generation}, version ${version}, bulk version ${bulkVersion}`;
