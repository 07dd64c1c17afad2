import type { HostId } from '../base/id.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { RingSnapshot } from '../epoch/ring-snapshot.ts';
import type { Delta } from '../gossip/delta.ts';
import type { ShadowAck } from './lifecycle-message.ts';

/** Payload bytes of one part: below what a stream accepts from a node that is not a member yet (64 KiB). */
const maxPartBytes = 48 * 1024;
const deltaOverheadBytes = 40;

/** A member's answer to the shadow round, gathered from its parts and used only when all have arrived. */
export class ClusterAnswer {
  readonly #parts = new Map<number, ShadowAck>();
  #expected = 0;

  /** Takes one part. True once the answer is whole. Parts of one answer agree on their number. */
  add(part: ShadowAck): boolean {
    if (this.#expected === 0) this.#expected = part.parts;
    if (part.parts !== this.#expected || part.part >= part.parts) return false;
    this.#parts.set(part.part, part);
    return this.#parts.size === this.#expected;
  }

  get clusterId(): string {
    return this.#first.clusterId;
  }

  get wallMs(): number {
    return this.#first.wallMs;
  }

  get snapshot(): RingSnapshot | null {
    return this.#first.snapshot;
  }

  get records(): readonly RingRecord[] {
    return this.#inOrder().flatMap((part) => part.records);
  }

  get states(): readonly Delta[] {
    return this.#inOrder().flatMap((part) => part.states);
  }

  get #first(): ShadowAck {
    return this.#parts.get(0)!;
  }

  #inOrder(): ShadowAck[] {
    return [...this.#parts.values()].sort((left, right) => left.part - right.part);
  }
}

/** What a member answers with: the history and every state it knows, cut into parts by a byte budget. */
export function clusterAnswerParts(answer: {
  readonly round: string;
  readonly clusterId: string;
  readonly wallMs: number;
  readonly snapshot: RingSnapshot | null;
  readonly records: readonly RingRecord[];
  readonly states: Iterable<readonly [HostId, readonly Delta[]]>;
}): ShadowAck[] {
  const parts: { records: RingRecord[]; states: Delta[] }[] = [{ records: [], states: [] }];
  let bytes = answer.snapshot === null ? 0 : snapshotBytes(answer.snapshot);
  const room = (needed: number): { records: RingRecord[]; states: Delta[] } => {
    if (bytes + needed > maxPartBytes && bytes > 0) {
      parts.push({ records: [], states: [] });
      bytes = 0;
    }
    bytes += needed;
    return parts.at(-1)!;
  };
  for (const record of answer.records) room(recordBytes(record)).records.push(record);
  for (const [, deltas] of answer.states) {
    for (const delta of deltas) room(deltaBytes(delta)).states.push(delta);
  }
  return parts.map((part, index) => ({
    kind: 'shadowAck',
    round: answer.round,
    part: index,
    parts: parts.length,
    clusterId: answer.clusterId,
    wallMs: answer.wallMs,
    snapshot: index === 0 ? answer.snapshot : null,
    records: part.records,
    states: part.states,
  }));
}

const recordBytes = (record: RingRecord): number =>
  160 + record.subjects.reduce((sum, subject) => sum + 24 + 9 * subject.tokens.length, 0);

const snapshotBytes = (snapshot: RingSnapshot): number =>
  200 + snapshot.removed.length * 24 + snapshot.members.reduce((sum, member) => sum + 32 + 9 * member.tokens.length, 0);

const deltaBytes = (delta: Delta): number =>
  delta.entries.reduce((sum, [, value]) => sum + value.encodedBytes, deltaOverheadBytes);
