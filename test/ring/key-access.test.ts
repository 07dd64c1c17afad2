import { describe, expect, it } from 'vitest';
import { keyAccess } from '../../src/ring/key-access.ts';
import { member } from './rings.ts';

const names = [...'abcdefghij'];
const all = names.map((name) => member(name, []));
const hosts = (from: number, to: number) => all.slice(from, to);

/** Every set of `size` of `items`. */
function* subsets<T>(items: readonly T[], size: number): Generator<T[]> {
  if (size === 0) yield [];
  else {
    for (const [index, item] of items.entries()) {
      for (const rest of subsets(items.slice(index + 1), size - 1)) yield [item, ...rest];
    }
  }
}

/** What a node knows of an operation: it has not heard of it, `begin`, `switch`, it has heard of the end. */
const views = ['before', 'begin', 'switch', 'after'] as const;
const accessIn = (view: (typeof views)[number], natural: ReturnType<typeof hosts>, future: typeof natural) => {
  if (view === 'before') return keyAccess(natural, natural, null);
  return view === 'after' ? keyAccess(future, future, null) : keyAccess(natural, future, view);
};

/** All ways in which `natural` hosts can become `future` hosts of which `kept` are the same. */
const changes = [1, 2, 3, 4, 5].flatMap((natural) =>
  [1, 2, 3, 4, 5].flatMap((future) =>
    Array.from({ length: Math.min(natural, future) + 1 }, (_, kept) => ({ natural, future, kept })),
  ),
);

/** Whether some quorum write of one view has no replica in common with some quorum read of the other. */
function misses(writer: ReturnType<typeof keyAccess>, reader: ReturnType<typeof keyAccess>): boolean {
  for (const written of subsets(writer.writeReplicas, writer.requiredWriteAcks)) {
    for (const read of subsets(reader.replicas, reader.requiredReads)) {
      if (!read.some((each) => written.includes(each))) return true;
    }
  }
  return false;
}

describe('keyAccess', () => {
  it('a quorum reader meets every acknowledged quorum write as long as reader and writer are one step apart', () => {
    const missed: string[] = [];
    for (const { natural, future, kept } of changes) {
      const old = hosts(0, natural);
      const next = hosts(natural - kept, natural - kept + future);
      for (const [writing, writer] of views.entries()) {
        for (const [reading, reader] of views.entries()) {
          if (Math.abs(writing - reading) > 1) continue;
          if (misses(accessIn(writer, old, next), accessIn(reader, old, next))) {
            missed.push(`${natural}→${future}, ${kept} kept: written ${writer}, read ${reader}`);
          }
        }
      }
    }
    expect(missed).toEqual([]);
  });

  it('two steps apart it would be missed: what the barriers and the guard are for', () => {
    const [old, next] = [hosts(0, 3), hosts(2, 5)];
    expect(misses(accessIn('before', old, next), accessIn('switch', old, next))).toBe(true);
    expect(misses(accessIn('after', old, next), accessIn('begin', old, next))).toBe(true);
  });

  it('asks for a quorum and every pending replica where the number of replicas stays, as Cassandra does', () => {
    for (const { natural, future, kept } of changes.filter((each) => each.natural === each.future)) {
      const old = hosts(0, natural);
      const next = hosts(natural - kept, natural - kept + future);
      for (const step of ['begin', 'switch'] as const) {
        const access = keyAccess(old, next, step);
        expect(access.requiredWriteAcks).toBe(access.requiredReads + access.pending.length);
        expect(access.writeReplicas).toHaveLength(2 * natural - kept);
      }
    }
  });

  it('asks for more where the number changes: one replica of three must not be the one that missed the write', () => {
    const [three, one] = [hosts(0, 3), hosts(0, 1)];
    expect(keyAccess(three, one, 'begin')).toMatchObject({ requiredReads: 2, requiredWriteAcks: 3, pending: [] });
    expect(keyAccess(one, three, 'switch')).toMatchObject({ requiredReads: 2, requiredWriteAcks: 3, pending: [] });
  });

  it('is never satisfied where nobody owns the key, and by the newcomers where nobody did before', () => {
    expect(keyAccess([], [], null)).toMatchObject({ requiredReads: 1, requiredWriteAcks: 1, writeReplicas: [] });
    expect(keyAccess([], hosts(0, 2), 'begin')).toMatchObject({ requiredReads: 1, requiredWriteAcks: 2, replicas: [] });
  });
});
