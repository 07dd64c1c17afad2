import { chainHash } from '../../src/epoch/chain-hash.ts';
import type { RingRecord } from '../../src/epoch/ring-record.ts';
import type { RingState } from '../../src/epoch/ring-state.ts';

/**
 * The dumb twin: it sees every record that any node ever put in force, and knows the rules of the ring in their plainest
 * form, without the register and without the fold.
 */
export class Referee {
  readonly records = new Map<number, RingRecord>();
  /** Epochs with two records: never, but where a voter lost its memory and nobody could tell. */
  readonly forks = new Set<number>();

  decided(record: RingRecord): void {
    const known = this.records.get(record.epoch);
    if (known === undefined) this.records.set(record.epoch, record);
    else if (known !== record && chainHash(known) !== chainHash(record)) this.forks.add(record.epoch);
  }

  get length(): number {
    return this.records.size;
  }

  /** Replays the history in words of one syllable, and says where it or a node's state breaks a rule; null if nowhere. */
  replay(states: readonly RingState[]): string | null {
    let owners = new Map<string, string>();
    let joining: string[] = [];
    let gone = new Set<string>();
    let open: RingRecord | null = null;
    const seen = new Map<number, string>();
    for (let epoch = 1; epoch <= this.length; epoch++) {
      const record = this.records.get(epoch);
      if (record === undefined) return `no record of epoch ${epoch} was ever seen`;
      const before = this.records.get(epoch - 1);
      if (before !== undefined && record.previous !== chainHash(before)) return `epoch ${epoch} does not chain`;
      const ofOpen = open !== null && open.operationId === record.operationId;
      const names = (open ?? record).subjects.map((each) => each.hostId);
      switch (record.kind) {
        case 'found':
          owners.set(names[0]!, record.subjects[0]!.tokens.join());
          break;
        case 'begin':
          if (open !== null) return `epoch ${epoch} begins while an operation is open`;
          open = record;
          if (record.operation === 'bootstrap' || record.operation === 'replace') joining = names;
          for (const name of joining) if (gone.has(name)) return `${name} came back`;
          break;
        case 'switch':
          if (!ofOpen) return `epoch ${epoch} switches what is not open`;
          break;
        case 'abort':
          if (!ofOpen) return `epoch ${epoch} aborts what is not open`;
          open = null;
          joining = [];
          break;
        case 'end': {
          if (!ofOpen || open === null) return `epoch ${epoch} ends what is not open`;
          owners = new Map(owners);
          gone = new Set(gone);
          const subjects = open.subjects;
          if (open.replaces !== null) {
            owners.set(subjects[0]!.hostId, owners.get(open.replaces)!);
            owners.delete(open.replaces);
            gone.add(open.replaces);
          } else if (open.operation === 'bootstrap' || open.operation === 'move') {
            for (const each of subjects) owners.set(each.hostId, each.tokens.join());
          } else {
            for (const each of subjects) {
              owners.delete(each.hostId);
              gone.add(each.hostId);
            }
          }
          open = null;
          joining = [];
          break;
        }
        default:
          return `the referee does not know ${record.kind}`;
      }
      seen.set(epoch, picture(owners, joining, gone, open));
    }
    for (const state of states) {
      const own = new Map<string, string>();
      const joiners: string[] = [];
      for (const member of state.members.values()) {
        if (member.state === 'joining' || member.state === 'replacing') joiners.push(member.hostId);
        else own.set(member.hostId, member.tokens.join());
      }
      const mine = picture(own, joiners, new Set(state.removed.keys()), state.operation);
      if (mine !== seen.get(state.epoch))
        return `epoch ${state.epoch}: folded ${mine}, expected ${seen.get(state.epoch)}`;
    }
    return null;
  }
}

function picture(
  owners: ReadonlyMap<string, string>,
  joining: readonly string[],
  gone: ReadonlySet<string>,
  open: { readonly operationId: string } | null,
): string {
  return JSON.stringify([[...owners].sort(), [...joining].sort(), [...gone].sort(), open?.operationId ?? null]);
}
