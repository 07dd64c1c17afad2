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
    const { snapshot } = this.#first;
    if (snapshot === null) return null;
    const parts = this.#inOrder();
    return {
      ...snapshot,
      members: parts.flatMap((part) => part.members),
      removed: parts.flatMap((part) => part.removed),
    };
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
  readonly states: Iterable<Delta>;
}): ShadowAck[] {
  const parts: Part[] = [emptyPart()];
  let bytes = headBytes;
  const room = (needed: number): Part => {
    if (bytes + needed > maxPartBytes) {
      parts.push(emptyPart());
      bytes = headBytes;
    }
    bytes += needed;
    return parts.at(-1)!;
  };
  for (const member of answer.snapshot?.members ?? []) room(memberBytes(member)).members.push(member);
  for (const host of answer.snapshot?.removed ?? []) room(removedBytes).removed.push(host);
  for (const record of answer.records) room(recordBytes(record)).records.push(record);
  for (const delta of answer.states) room(deltaBytes(delta)).states.push(delta);
  return parts.map((part, index) => ({
    kind: 'shadowAck',
    round: answer.round,
    part: index,
    parts: parts.length,
    clusterId: answer.clusterId,
    wallMs: answer.wallMs,
    snapshot: index > 0 || answer.snapshot === null ? null : { ...answer.snapshot, members: [], removed: [] },
    ...part,
  }));
}

interface Part {
  readonly members: RingSnapshot['members'][number][];
  readonly removed: RingSnapshot['removed'][number][];
  readonly records: RingRecord[];
  readonly states: Delta[];
}

const emptyPart = (): Part => ({ members: [], removed: [], records: [], states: [] });

/** A part without what it holds, an open operation of the snapshot included. */
const headBytes = 1_024;
const removedBytes = 32;

const memberBytes = ({ tokens }: RingSnapshot['members'][number]): number => 32 + 8 * tokens.length;

const recordBytes = (record: RingRecord): number =>
  160 + record.subjects.reduce((sum, subject) => sum + 24 + 9 * subject.tokens.length, 0);

const deltaBytes = (delta: Delta): number =>
  delta.entries.reduce((sum, [, value]) => sum + value.encodedBytes, deltaOverheadBytes);
