import type { HostId } from '../base/id.ts';
import type { LivenessClaim } from '../detector/liveness-claim.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { Delta } from '../gossip/delta.ts';
import type { Counter } from '../gossip/endpoint-state.ts';
import type { SchemaDefinition } from '../schema/schema-definition.ts';
import type { SingleMessage } from './message.ts';
import { sizeOfClaim, sizeOfDefinition, sizeOfDelta, sizeOfRecord } from './message-bytes.ts';
import type { Protocols } from './node-context.ts';
import type { Rumors } from './rumor-message.ts';

/** What a node passes on. A state is told as it is when it leaves: all that changed after `from`. */
export type Rumor =
  | {
      readonly kind: 'state';
      readonly hostId: HostId;
      readonly generation: number;
      readonly counter: Counter;
      readonly from: number;
    }
  | { readonly kind: 'record'; readonly record: RingRecord }
  | { readonly kind: 'definition'; readonly definition: SchemaDefinition }
  | { readonly kind: 'claim'; readonly claim: LivenessClaim };

/** Bytes of a rumors message without what it tells. */
export const emptyRumorsBytes = 48;

/** Bytes that a rumor takes in a message, about. */
export function sizeOfRumor(rumor: Rumor, protocols: Protocols): number {
  switch (rumor.kind) {
    case 'state': {
      const delta = deltaOf(rumor, protocols);
      return delta === null ? 0 : sizeOfDelta(delta);
    }
    case 'record':
      return sizeOfRecord(rumor.record);
    case 'definition':
      return sizeOfDefinition(rumor.definition);
    case 'claim':
      return sizeOfClaim(rumor.claim);
  }
}

/**
 * Makes messages of rumors, each short enough for a datagram. What is too large is not told but announced: where this
 * node stands with it, so that a receiver that lacks it asks, and is answered by stream.
 */
export class RumorPacker {
  readonly #protocols: Protocols;
  readonly #maxBytes: number;

  constructor(protocols: Protocols, maxDatagramBytes: number) {
    this.#protocols = protocols;
    this.#maxBytes = maxDatagramBytes - emptyRumorsBytes;
  }

  pack(rumors: readonly Rumor[]): SingleMessage[] {
    const messages: SingleMessage[] = [];
    let part = emptyPart();
    let bytes = 0;
    const room = (needed: number): Part => {
      if (bytes + needed > this.#maxBytes) {
        messages.push(messageOf(part));
        part = emptyPart();
        bytes = 0;
      }
      bytes += needed;
      return part;
    };
    for (const rumor of rumors) {
      const size = sizeOfRumor(rumor, this.#protocols);
      if (size > this.#maxBytes) messages.push(this.#announcement(rumor));
      else if (size > 0) this.#add(room(size), rumor);
    }
    if (bytes > 0) messages.push(messageOf(part));
    return messages;
  }

  #add(part: Part, rumor: Rumor): void {
    switch (rumor.kind) {
      case 'state':
        part.deltas.push(deltaOf(rumor, this.#protocols)!);
        return;
      case 'record':
        part.records.push(rumor.record);
        return;
      case 'definition':
        part.definitions.push(rumor.definition);
        return;
      case 'claim':
        part.claims.push(rumor.claim);
        return;
    }
  }

  #announcement(rumor: Rumor): SingleMessage {
    const { gossiper, register, schema } = this.#protocols;
    switch (rumor.kind) {
      case 'state':
        return gossiper.announcement(rumor.hostId);
      case 'record':
        return { kind: 'recordsRequest', at: register.position };
      case 'definition':
        return { kind: 'schemaVersion', version: schema.version, answer: true };
      case 'claim':
        return messageOf({ ...emptyPart(), claims: [rumor.claim] });
    }
  }
}

interface Part {
  readonly claims: LivenessClaim[];
  readonly records: RingRecord[];
  readonly definitions: SchemaDefinition[];
  readonly deltas: Delta[];
}

const emptyPart = (): Part => ({ claims: [], records: [], definitions: [], deltas: [] });

const messageOf = (part: Part): Rumors => ({ kind: 'rumors', ...part });

function deltaOf(rumor: Extract<Rumor, { kind: 'state' }>, { gossiper }: Protocols): Delta | null {
  const state = gossiper.stateOf(rumor.hostId);
  if (state === null) return null;
  return gossiper.deltaSince(rumor.hostId, rumor.counter, state.generation === rumor.generation ? rumor.from : 0);
}
