import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { dayMs, type Now } from '../../src/base/time.ts';
import { schemaLimits } from '../../src/schema/definition-limits.ts';
import { SchemaBook, type SchemaEdit } from '../../src/schema/schema-book.ts';
import type { SchemaDefinition } from '../../src/schema/schema-definition.ts';
import { emptySchemaVersion } from '../../src/schema/schema-version.ts';

const hosts = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const;
const at = (wallMs: number): Now => ({ monotonicMs: 0, wallMs });
const document = (name: string, text: string): SchemaEdit => ({
  type: 'document',
  name,
  replication: null,
  document: text,
});
const keyspace = (name: string, factor: string): SchemaEdit => ({
  type: 'keyspace',
  name,
  replication: { class: 'SimpleStrategy', replication_factor: factor },
  document: null,
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof RingError) return error.code;
    throw error;
  }
  return 'none';
}

const stampedDefinition: fc.Arbitrary<SchemaDefinition> = fc.record({
  type: fc.constant('document' as const),
  name: fc.constantFrom('a', 'b', 'c'),
  stamp: fc.record({ timeMs: fc.integer({ min: 1, max: 4 }), hostId: fc.constantFrom(...hosts) }),
  replication: fc.constant(null),
  document: fc.constantFrom(null, 'one', 'two'),
});

describe('SchemaBook', () => {
  it('ends equal whatever the order, the grouping and the repetition of what it hears', () => {
    fc.assert(
      fc.property(
        fc
          .array(stampedDefinition, { maxLength: 12 })
          .chain((heard) =>
            fc.tuple(fc.constant(heard), fc.shuffledSubarray(heard, { minLength: heard.length }), fc.nat(12)),
          ),
        ([heard, shuffled, cut]) => {
          const one = new SchemaBook();
          for (const definition of heard) one.merge([definition], at(1));
          const other = new SchemaBook(shuffled.slice(0, cut));
          other.merge(shuffled.slice(cut), at(1));
          other.merge(heard, at(1));
          expect(other.definitions()).toEqual(one.definitions());
          expect(other.version).toBe(one.version);
        },
      ),
    );
  });

  it('lets the edits of nodes with any clocks converge, and the causally last one win', () => {
    const edit = fc.record({
      host: fc.nat(2),
      wallMs: fc.integer({ min: 1_000, max: 1_100 }),
      name: fc.constantFrom('a', 'b'),
      text: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: null }),
      syncFrom: fc.option(fc.nat(2), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 20 }), (edits) => {
        const books = [new SchemaBook(), new SchemaBook(), new SchemaBook()];
        for (const { host, wallMs, name, text, syncFrom } of edits) {
          const book = books[host]!;
          if (syncFrom !== null) book.merge(books[syncFrom]!.definitions(), at(wallMs));
          if (text !== null) book.put(at(wallMs), hosts[host % 2]!, document(name, text));
          else if (book.get('document', name) !== null) book.drop(at(wallMs), hosts[host % 2]!, 'document', name);
          expect(book.get('document', name)?.document ?? null).toBe(text);
        }
        for (const book of books) for (const from of books) book.merge(from.definitions(), at(1_000));
        for (const book of books) for (const from of books) book.merge(from.definitions(), at(1_000));
        expect(new Set(books.map((book) => book.version)).size).toBe(1);
        // An edit after the convergence wins everywhere, with the slowest clock too.
        const last = books[0]!.put(at(1), hosts[0], document('a', 'last'))!;
        for (const book of books.slice(1)) expect(book.merge([last], at(1)).changed).toEqual([last]);
      }),
    );
  });

  it('counts tombstones and stamps in the version, so that whoever knows less pulls', () => {
    const book = new SchemaBook();
    expect(book.version).toBe(emptySchemaVersion);
    book.put(at(5), hosts[0], document('a', 'text'));
    const before = book.version;
    book.drop(at(6), hosts[0], 'document', 'a');
    expect(book.list()).toEqual([]);
    expect(book.get('document', 'a')).toBeNull();
    expect([emptySchemaVersion, before]).not.toContain(book.version);
  });

  it('keeps a drop that an older put arrives after', () => {
    const book = new SchemaBook();
    const put = book.put(at(5), hosts[0], document('a', 'text'))!;
    book.drop(at(6), hosts[0], 'document', 'a');
    expect(book.merge([put], at(7))).toEqual({ changed: [], refused: [] });
    expect(book.get('document', 'a')).toBeNull();
  });

  it('takes an equal put for done, and refuses another replication of an existing keyspace', () => {
    const book = new SchemaBook();
    book.put(at(1), hosts[0], keyspace('app', '3'));
    expect(book.put(at(2), hosts[1], keyspace('app', '3'))).toBeNull();
    expect(codeOf(() => book.put(at(2), hosts[0], keyspace('app', '2')))).toBe('UNSUPPORTED');
    book.drop(at(3), hosts[0], 'keyspace', 'app');
    expect(book.put(at(4), hosts[0], keyspace('app', '2'))).not.toBeNull();
    expect(book.list().map((definition) => definition.replication?.replication_factor)).toEqual(['2']);
  });

  it('holds a keyspace and a document of one name apart', () => {
    const book = new SchemaBook();
    book.put(at(1), hosts[0], keyspace('app', '3'));
    book.put(at(1), hosts[0], document('app', 'text'));
    book.drop(at(2), hosts[0], 'document', 'app');
    expect(book.list().map((definition) => definition.type)).toEqual(['keyspace']);
  });

  it('refuses bad names, contents and sizes, and stays as it was', () => {
    const book = new SchemaBook();
    const put = (edit: SchemaEdit) => codeOf(() => book.put(at(1), hosts[0], edit));
    expect(['', '-a', '.a', 'a b', 'ü', 'a/b'].map((name) => put(document(name, 'x')))).toEqual(
      new Array(6).fill('INVALID_ARGUMENT'),
    );
    expect(put(document('a'.repeat(schemaLimits.nameChars + 1), 'x'))).toBe('TOO_LARGE');
    expect(put(document('a', 'ü'.repeat(schemaLimits.documentBytes / 2 + 1)))).toBe('TOO_LARGE');
    expect(put(document('a', 'half a pair: \ud83d'))).toBe('INVALID_ARGUMENT');
    expect(put({ ...document('a', 'x'), replication: { class: 'SimpleStrategy' } })).toBe('INVALID_ARGUMENT');
    expect(put({ type: 'keyspace', name: 'a', replication: null, document: 'x' })).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => book.drop(at(1), hosts[0], 'document', 'a'))).toBe('NOT_FOUND');
    expect(book.version).toBe(emptySchemaVersion);
    expect(put(document('a'.repeat(schemaLimits.nameChars), 'ü'.repeat(schemaLimits.documentBytes / 2)))).toBe('none');
  });

  it('refuses a definition more than a day ahead of its clock and takes the rest of the message', () => {
    const book = new SchemaBook();
    const stamped = (name: string, timeMs: number): SchemaDefinition => ({
      ...document(name, 'x'),
      stamp: { timeMs, hostId: hosts[0] },
    });
    const { changed, refused } = book.merge(
      [stamped('far', dayMs + 2), stamped('../etc', 1), stamped('near', dayMs + 1), stamped('odd', Number.NaN)],
      at(1),
    );
    expect(changed.map((definition) => definition.name)).toEqual(['near']);
    expect(refused.map((each) => each.name)).toEqual(['far', '../etc', 'odd']);
    // The day is used up: one more edit would be refused by the others, so it is refused here.
    expect(codeOf(() => book.put(at(1), hosts[0], document('near', 'y')))).toBe('CLOCK_OFF');
    expect(codeOf(() => book.put(at(2), hosts[0], document('near', 'y')))).toBe('none');
  });
});
