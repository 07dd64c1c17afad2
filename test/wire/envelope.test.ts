import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../src/base/error.ts';
import { staticKeyId } from '../../src/wire/cluster-keys.ts';
import { datagramBytes, envelopeBytes } from '../../src/wire/envelope.ts';
import { writeOrigin } from '../../src/wire/frame-header.ts';
import { isRejection } from '../../src/wire/rejection.ts';
import { alice, bob, carol, clusterId, envelopeOf, keysOf, ping } from './frame-fixture.ts';

const otherId = '99999999-1b2c-4d3e-8f40-5a6b7c8d9e0f';
const toBob = (): Uint8Array => envelopeOf(alice).seal(bob.hostId, ping);
const reasonOf = (opened: object): string => (isRejection(opened) ? opened.reason : 'opened');

describe('the envelope', () => {
  it('opens for its receiver what was sealed for it, and adds 36 bytes', () => {
    const frame = toBob();
    expect(envelopeOf(bob).open(frame)).toMatchObject({
      sender: alice.bootNonce,
      payload: Buffer.from(ping),
    });
    expect(frame.length - ping.length).toBe(36);
    expect(datagramBytes(ping.length)).toBe(28 + frame.length);
    expect(Buffer.from(frame).includes(Buffer.from(ping).subarray(-6))).toBe(false);
  });

  it('works the same without a secret, and still for one receiver of one cluster only', () => {
    const open = { secret: Buffer.alloc(0) };
    const frame = envelopeOf(alice, keysOf(open)).seal(bob.hostId, ping);
    expect(reasonOf(envelopeOf(bob, keysOf(open)).open(frame))).toBe('opened');
    expect(reasonOf(envelopeOf(carol, keysOf(open)).open(frame))).toBe('notAuthentic');
    expect(reasonOf(envelopeOf(bob, keysOf({ ...open, clusterId: otherId })).open(frame))).toBe('otherCluster');
  });

  it('tells apart why a frame of somebody else does not open (G07)', () => {
    const frame = toBob();
    expect(reasonOf(envelopeOf(bob, keysOf({ clusterName: 'other' })).open(frame))).toBe('otherCluster');
    expect(reasonOf(envelopeOf(bob, keysOf({ clusterId: otherId })).open(frame))).toBe('otherCluster');
    expect(reasonOf(envelopeOf(bob, keysOf({ clusterId: null })).open(frame))).toBe('noClusterYet');
    expect(reasonOf(envelopeOf(bob, keysOf({ secret: Buffer.from('wrong') })).open(frame))).toBe('notAuthentic');
    expect(reasonOf(envelopeOf(bob, keysOf({ secret: Buffer.alloc(0) })).open(frame))).toBe('notAuthentic');
    expect(reasonOf(envelopeOf(carol).open(frame))).toBe('notAuthentic');
  });

  it('binds name and id by the seal too, should the 4 bytes of two cluster tags ever be equal', () => {
    for (const keys of [keysOf({ clusterName: 'other' }), keysOf({ clusterId: otherId })]) {
      const frame = Buffer.from(envelopeOf(alice, keys).seal(bob.hostId, ping));
      frame.writeUInt32BE(keysOf().tag(false), 2);
      expect(reasonOf(envelopeOf(bob).open(frame))).toBe('notAuthentic');
    }
  });

  it('refuses a frame with any one bit changed, and never throws', () => {
    const frame = toBob();
    const reasons = new Set<string>();
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const changed = Uint8Array.from(frame);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      reasons.add(reasonOf(envelopeOf(bob).open(changed)));
    }
    // 'notAuthentic' covers sender and counter in the header as well as the payload.
    expect([...reasons].sort()).toEqual(['notAFrame', 'notAuthentic', 'otherCluster', 'otherVersion', 'unknownKey']);
  });

  it('drops any garbage with a reason, and remembers no sender for it', () => {
    const envelope = envelopeOf(bob);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, dressed) => {
        // Dressed: a right header, so that the garbage reaches the seal.
        if (dressed && bytes.length >= envelopeBytes) bytes.set(toBob().subarray(0, 14));
        expect(isRejection(envelope.open(bytes))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(envelope.knownSenders).toBe(0);
  });

  it('opens a frame once: a replay is refused, another frame of the same sender is not', () => {
    const [sender, receiver] = [envelopeOf(alice), envelopeOf(bob)];
    const [first, second] = [1, 2].map(() => sender.seal(bob.hostId, ping)) as [Uint8Array, Uint8Array];
    expect(reasonOf(receiver.open(second))).toBe('opened');
    expect(reasonOf(receiver.open(first))).toBe('opened');
    expect(reasonOf(receiver.open(first))).toBe('replayed');
    expect(reasonOf(receiver.open(second))).toBe('replayed');
  });

  it('takes no shadow frame, and seals nothing before the cluster is known', () => {
    const shadow = Buffer.from(toBob());
    writeOrigin(shadow, { shadow: true, keyId: staticKeyId, clusterTag: keysOf().tag(true), sender: alice.bootNonce });
    expect(reasonOf(envelopeOf(bob).open(shadow))).toBe('shadowRule');
    const starting = keysOf({ clusterId: null });
    expect(() => envelopeOf(alice, starting).seal(bob.hostId, ping)).toThrow(InvariantViolation);
  });

  it('remembers a bounded number of senders, those heard last', () => {
    const receiver = envelopeOf(bob, keysOf(), 2);
    const senders = ['01', '02', '03'].map((end) => envelopeOf({ ...alice, bootNonce: `000000000000cc${end}` }));
    const frames = senders.map((sender) => sender.seal(bob.hostId, ping));
    for (const at of [0, 1, 0, 2]) receiver.open(frames[at]!);
    expect(receiver.knownSenders).toBe(2);
    expect(reasonOf(receiver.open(frames[0]!))).toBe('replayed');
    // The second was forgotten, and with it what it had sent: messages are idempotent for this reason.
    expect(reasonOf(receiver.open(frames[1]!))).toBe('opened');
  });

  it('binds to one cluster for good', () => {
    const keys = keysOf({ clusterId: null });
    keys.bind(clusterId);
    keys.bind(clusterId);
    expect(reasonOf(envelopeOf(bob, keys).open(toBob()))).toBe('opened');
    expect(() => keys.bind(otherId)).toThrow(InvariantViolation);
    expect(() => keysOf({ clusterId: '00000000-0000-0000-0000-000000000000' })).toThrow(InvariantViolation);
  });
});
