import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { applicationLimits } from '../../src/gossip/application-limits.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import type { Message, SingleMessage } from '../../src/node/message.ts';
import { messageBytes } from '../../src/node/message-bytes.ts';
import { decodeFramed, decodeMessage, encodeMessage, familyOf } from '../../src/wire/message-codec.ts';
import { MessageSizes } from '../../src/wire/message-size.ts';
import { isRejection } from '../../src/wire/rejection.ts';
import { wireLimits } from '../../src/wire/wire-limits.ts';
import { anyMessage, arbitraries } from './message-arbitrary.ts';

const host = '0b8a1cc4-5f5e-4d6c-9c3b-2f1d0e9a8b7c';
const hostBytes = Buffer.from(host.replaceAll('-', ''), 'hex');
const packr = new Packr({ useRecords: false });
const pack = (...fields: unknown[]): Uint8Array => packr.pack([1, ...fields]);
const reasonOf = (bytes: Uint8Array): string => {
  const decoded = decodeMessage(bytes);
  return isRejection(decoded) ? decoded.reason : 'accepted';
};
const delta = (entries: unknown[], to = 9): Uint8Array => pack(3, hostBytes, [[hostBytes, 1, 0, 0, to, entries]]);

/** True for a message that has a ring record in it, wherever. */
const carriesRecord = (message: Message): boolean =>
  JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? '' : value)).includes('"operationId"');

describe('the message codec', () => {
  it.each(Object.entries(arbitraries))('gives every %s back as it was', (kind, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<Message>, (message) => {
        expect(decodeMessage(encodeMessage(host, message))).toEqual({ sender: host, message });
        expect(message.kind).toBe(kind);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['a host id, ', 'größe, ', '→'])('cuts sentences of %j that are too long for a receiver', (words) => {
    const reason = words.repeat(5_000);
    const decoded = decodeMessage(encodeMessage(host, { kind: 'joinAnswer', outcome: 'refused', reason, taken: [] }));
    expect(decoded).toMatchObject({ message: { reason: expect.stringMatching(/…$/) } });
    const report = { operationId: host, movements: null, waitingFor: [reason] };
    const at = { epoch: 1, chainHash: '0'.repeat(32), lineage: host };
    const view = { query: 1, generation: 1, schemaVersion: host, ringFingerprint: '', at, operation: report };
    expect(isRejection(decodeMessage(encodeMessage(host, { kind: 'viewAnswer', ...view })))).toBe(false);
    const movements = { total: 1, done: 0, ratio: 0, failed: reason };
    const answer = { operationId: host, epoch: 1, keyspacesVersion: host, ringFingerprint: '', movements };
    expect(isRejection(decodeMessage(encodeMessage(host, { kind: 'operationAnswer', ...answer })))).toBe(false);
  });

  it('says how long a message is without encoding it', () => {
    const single = anyMessage.filter((message) => message.kind !== 'bundle') as fc.Arbitrary<SingleMessage>;
    const common = fc.oneof(arbitraries.probe, arbitraries.probeAck, arbitraries.roots) as fc.Arbitrary<SingleMessage>;
    const bundled = fc.array(fc.oneof({ weight: 20, arbitrary: common }, single), { minLength: 1, maxLength: 18 });
    const message = fc.oneof(
      anyMessage,
      common,
      bundled.map((messages) => ({ kind: 'bundle' as const, messages })),
    );
    fc.assert(
      fc.property(message, (each) => {
        expect(new MessageSizes().of(each)).toBe(encodeMessage(host, each).length);
      }),
      { numRuns: 300 },
    );
  });

  it('says it of lists however long they are, and empty ones too', () => {
    const digests = arbitraries.syn.map((message) => message.digests);
    const { claims, ack2 } = arbitraries;
    const parts = fc.tuple(digests, ack2, claims, fc.constantFrom(0, 1, 5, 6, 15, 16, 300));
    const many = <T>(items: readonly T[], length: number): T[] =>
      items.length === 0 ? [] : Array.from({ length }, (_, at) => items[at % items.length]!);
    fc.assert(
      fc.property(parts, ([digests, { deltas }, { claims }, length]) => {
        const lists = { deltas: many(deltas, length), claims: many(claims, length) };
        const requests = many(digests, length);
        const messages: Message[] = [
          {
            kind: 'syn',
            style: 'pushPull',
            scope: { count: 256, buckets: many([0, 7, 255], length) },
            digests: requests,
          },
          { kind: 'ack', requests, deltas: lists.deltas },
          { kind: 'claims', claims: lists.claims },
          { kind: 'rumors', records: [], definitions: [], ...lists },
          { kind: 'rumors', records: [], definitions: [], claims: [], deltas: lists.deltas },
          { kind: 'rumors', records: [], definitions: [], claims: lists.claims, deltas: [] },
        ];
        for (const each of messages) expect(new MessageSizes().of(each)).toBe(encodeMessage(host, each).length);
      }),
      { numRuns: 60 },
    );
  });

  it('knows the family of each message', () => {
    expect(familyOf({ kind: 'goodbye', generation: 1 })).toBe('lifecycle');
    expect(familyOf({ kind: 'ping', probe: 1 })).toBe('detector');
  });

  it('stays compact: the sizes of common messages are these', () => {
    const bytes = (message: Message): number => encodeMessage(host, message).length;
    const digest = { hostId: host, generation: 1_760_000_000, version: 70_000, bulkVersion: 200 };
    const entries = [
      ['STATUS', versionedValue('STATUS', 'NORMAL,7', 3)],
      ['x:weight', versionedValue('x:weight', '12', 4)],
    ] as const;
    expect({
      ping: bytes({ kind: 'ping', probe: 4_000_000_000 }),
      'syn of 30': bytes({ kind: 'syn', style: 'pushPull', scope: null, digests: Array(30).fill(digest) }),
      delta: bytes({
        kind: 'ack2',
        deltas: [{ hostId: host, generation: 1_760_000_000, counter: 'state', from: 2, to: 4, entries }],
      }),
      'join of 16 given tokens': bytes({ kind: 'joinRequest', tokens: Array(16).fill(-5n), count: 16, strict: true }),
      'join of 16 tokens': bytes({ kind: 'joinRequest', tokens: [], count: 16, strict: true }),
    }).toEqual({ ping: 26, 'syn of 30': 868, delta: 74, 'join of 16 given tokens': 151, 'join of 16 tokens': 24 });
  });

  it('never takes more than the core estimates, while counters are below 2^32', () => {
    const small = anyMessage.filter(
      (message) => !JSON.stringify(message, (_, v) => (typeof v === 'bigint' ? '' : v)).match(/\d{10,}/),
    );
    fc.assert(
      fc.property(small, (message) => {
        // The estimate of a ring record is a sum without its names, which have any length here.
        if (carriesRecord(message)) return;
        expect(encodeMessage(host, message).length).toBeLessThanOrEqual(messageBytes(message));
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(isRejection(decodeMessage(bytes))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws for a message with a few bytes changed, cut or added', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(
        anyMessage,
        fc.array(change, { maxLength: 4 }),
        fc.integer({ min: -4, max: 4 }),
        (message, changes, longer) => {
          const bytes = encodeMessage(host, message);
          const mutated = new Uint8Array(Math.max(0, bytes.length + longer));
          mutated.set(bytes.subarray(0, mutated.length));
          for (const [at, value] of changes) if (mutated.length > 0) mutated[at % mutated.length] = value;
          const decoded = decodeMessage(mutated);
          // What is still accepted is a message: it can be sent on.
          if (!isRejection(decoded))
            expect(decodeMessage(encodeMessage(decoded.sender, decoded.message))).toEqual(decoded);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('refuses every msgpack type that is not in use, before msgpackr sees it', () => {
    const head = [0x94, 1, 16, 0xc4, 16, ...hostBytes];
    const withProbe = (...probe: number[]): string => reasonOf(Uint8Array.from([...head, ...probe]));
    expect(withProbe(5)).toBe('accepted');
    expect(withProbe(0xcb, ...new Uint8Array(Float64Array.of(5).buffer).reverse())).toBe('accepted');
    for (const [type, bytes] of Object.entries({
      record: [0xd4, 0x72, 0x40],
      'fixed extension': [0xd6, 0xff, 0, 0, 0, 5],
      extension: [0xc7, 0, 0x70],
      'extension 16': [0xc8, 0, 1, 0x69, 0],
      map: [0x80],
      'map 16': [0xde, 0, 0],
      'never used': [0xc1],
      true: [0xc3],
      'negative 5': [0xfb],
      'int 32': [0xd2, 0, 0, 0, 5],
      'uint 64 (a BigInt)': [0xcf, 0, 0, 0, 0, 0, 0, 0, 5],
      'float 32': [0xca, 0x40, 0xa0, 0, 0],
      'cut short': [0xce, 0, 0],
      'trailing byte': [5, 5],
      'array longer than the rest': [0xdd, 0xff, 0xff, 0xff, 0xff],
      'binary longer than the rest': [0xc6, 0xff, 0xff, 0xff, 0xff],
    })) {
      expect([type, withProbe(...bytes)]).toEqual([type, 'malformed']);
    }
    expect(withProbe(...Array(8).fill(0x91), 5)).toBe('tooLarge');
    expect(reasonOf(Uint8Array.from([0x05]))).toBe('malformed');
  });

  it('refuses numbers that are no safe integers, and ranges that nothing has', () => {
    const probe = (value: unknown): string => reasonOf(pack(16, hostBytes, value));
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 53, 2 ** 32, null, '5']) {
      expect([value, probe(value)]).toEqual([value, 'malformed']);
    }
    expect(reasonOf(pack(16, hostBytes.subarray(1), 5))).toBe('malformed');
    expect(reasonOf(pack(99, hostBytes, 5))).toBe('malformed');
    expect(reasonOf(pack(16, hostBytes, 5, 6))).toBe('malformed');
    expect(reasonOf(pack(16, hostBytes))).toBe('malformed');
    expect(reasonOf(packr.pack([2, 16, hostBytes, 5]))).toBe('otherVersion');
  });

  it('holds keys, values, deltas and token lists to their limits, and not below', () => {
    const value = (bytes: number): string => 'v'.repeat(bytes);
    expect(reasonOf(delta(['x:k', value(wireLimits.applicationValueBytes), 1]))).toBe('accepted');
    expect(reasonOf(delta(['x:k', value(wireLimits.applicationValueBytes + 1), 1]))).toBe('tooLarge');
    expect(reasonOf(delta([1, value(wireLimits.stateValueBytes), 1]))).toBe('accepted');
    expect(reasonOf(delta([1, value(wireLimits.stateValueBytes + 1), 1]))).toBe('tooLarge');
    // Bytes count, not characters.
    expect(reasonOf(delta(['é'.repeat(33), 'v', 1]))).toBe('accepted');
    expect(reasonOf(delta(['é'.repeat(34), 'v', 1]))).toBe('tooLarge');
    // What an application may set must pass: its limit does not count the prefix.
    const { maxKeyBytes, maxValueBytes } = applicationLimits;
    expect(reasonOf(delta([`x:${'k'.repeat(maxKeyBytes)}`, value(maxValueBytes), 1]))).toBe('accepted');
    expect(reasonOf(delta(['', 'v', 1]))).toBe('malformed');
    expect(reasonOf(pack(67, hostBytes, Buffer.alloc(8 * wireLimits.tokensPerNode)))).toBe('accepted');
    expect(reasonOf(pack(67, hostBytes, Buffer.alloc(8 * wireLimits.tokensPerNode + 8)))).toBe('tooLarge');
    expect(reasonOf(pack(67, hostBytes, Buffer.alloc(9)))).toBe('malformed');
    expect(reasonOf(pack(1, hostBytes, 0, Buffer.alloc(16 * wireLimits.members + 16), []))).toBe('tooLarge');
  });

  it('refuses a delta with a key twice, a version above its end, or an end below its base', () => {
    expect(reasonOf(delta(['a', 'v', 1, 'a', 'w', 2]))).toBe('malformed');
    // A known key by its place and by its name is the same key.
    expect(reasonOf(delta([0, 'v', 1, 'STATUS', 'w', 2]))).toBe('malformed');
    expect(reasonOf(delta(['a', 'v', 10]))).toBe('malformed');
    expect(reasonOf(pack(3, hostBytes, [[hostBytes, 1, 0, 5, 4, []]]))).toBe('malformed');
  });

  it('refuses replication options with names that objects have by nature', () => {
    const push = (...options: string[]): string =>
      reasonOf(pack(49, hostBytes, 1, hostBytes, [[0, 'ks', 1, hostBytes, options, null]]));
    expect(push('class', 'SimpleStrategy')).toBe('accepted');
    for (const name of ['__proto__', 'constructor', 'prototype']) expect(push(name, 'x')).toBe('malformed');
    expect(push('a', 'x', 'a', 'y')).toBe('malformed');
    expect(push('a')).toBe('malformed');
  });

  it('takes shadow-round messages from shadow frames alone, and nothing else from them', () => {
    const shadow = encodeMessage(host, { kind: 'shadowWaiting', round: '00'.repeat(8), foundingSet: [] });
    const ordinary = encodeMessage(host, { kind: 'ping', probe: 1 });
    expect(decodeFramed(shadow, true)).toMatchObject({ sender: host });
    expect(decodeFramed(ordinary, false)).toMatchObject({ sender: host });
    expect(decodeFramed(shadow, false)).toMatchObject({ reason: 'shadowRule' });
    expect(decodeFramed(ordinary, true)).toMatchObject({ reason: 'shadowRule' });
  });
});
