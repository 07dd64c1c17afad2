import type { HostId } from '../base/id.ts';
import type { Life } from './member-state.ts';

/**
 * Who is to confirm a suspicion: the `count` hosts of the candidates that score highest by a hash of (suspect,
 * incarnation, host), so that all accusers of one life ask the same ones (rendezvous hashing).
 */
export function chooseConfirmers(
  candidates: Iterable<HostId>,
  suspect: HostId,
  { generation, incarnation }: Life,
  count: number,
): HostId[] {
  const salt = mix(wordOf(suspect) ^ mix(generation + Math.imul(incarnation, 0x9e3779b9)));
  const best: { readonly hostId: HostId; readonly score: number }[] = [];
  for (const hostId of candidates) {
    const score = mix(wordOf(hostId) ^ salt);
    if (best.length === count && score <= best[count - 1]!.score) continue;
    const place = best.findIndex((each) => score > each.score);
    best.splice(place < 0 ? best.length : place, 0, { hostId, score });
    best.length = Math.min(best.length, count);
  }
  return best.map(({ hostId }) => hostId);
}

/** 32 bits of a host id: FNV-1a over its text. */
function wordOf(hostId: HostId): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < hostId.length; at++) hash = Math.imul(hash ^ hostId.charCodeAt(at), 0x01000193);
  return hash;
}

/** The finalizer of MurmurHash3. */
function mix(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
