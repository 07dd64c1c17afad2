import { describe, expect, it } from 'vitest';
import type { Destination, Effects } from '../../src/node/core-io.ts';
import type { Message, SingleMessage } from '../../src/node/message.ts';
import { Outbox, type RiderSource } from '../../src/node/outbox.ts';
import { encodeMessage } from '../../src/wire/message-codec.ts';

const hostOf = (index: number): string => `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
const to = (index: number): Destination => ({ hostId: hostOf(index), address: `10.0.0.${index}:7600` });
const ping = (probe: number): SingleMessage => ({ kind: 'ping', probe });
const maxBytes = 1_300;

/** An outbox, and what has left it: receiver and message. */
function outboxOf(riders: RiderSource = () => []) {
  const sent: [string, Message][] = [];
  const effects: Effects = {
    send: ({ address }, channel, message) => {
      expect(channel).toBe('datagram');
      sent.push([address, message]);
    },
    schedule: () => {},
    save: () => {},
    commit: () => {},
    complete: () => {},
    emit: () => {},
  };
  const outbox = new Outbox(maxBytes, riders);
  return { outbox, sent, flush: () => outbox.flush(effects) };
}

describe('the outbox', () => {
  it('joins what goes to one destination in the order in which it came, and leaves a single message as it is', () => {
    const { outbox, sent, flush } = outboxOf();
    outbox.add(to(1), ping(1));
    outbox.add(to(2), ping(2));
    outbox.add(to(1), ping(3));
    expect(sent).toEqual([]);
    flush();
    flush();
    expect(sent).toEqual([
      [to(1).address, { kind: 'bundle', messages: [ping(1), ping(3)] }],
      [to(2).address, ping(2)],
    ]);
  });

  it('joins nothing that is bound to different hosts at one address', () => {
    const { outbox, sent, flush } = outboxOf();
    outbox.add(to(1), ping(1));
    outbox.add({ ...to(2), address: to(1).address }, ping(2));
    flush();
    expect(sent.map(([, message]) => message)).toEqual([ping(1), ping(2)]);
  });

  it('starts another datagram before one grows too long, however much there is, and loses nothing', () => {
    const { outbox, sent, flush } = outboxOf();
    const messages = Array.from({ length: 200 }, (_, index) => ping(4_000_000_000 + index));
    for (const message of messages) outbox.add(to(1), message);
    flush();
    expect(sent.length).toBeGreaterThan(1);
    for (const [, message] of sent) expect(encodeMessage(hostOf(0), message).length).toBeLessThanOrEqual(maxBytes);
    expect(sent.flatMap(([, message]) => (message.kind === 'bundle' ? message.messages : [message]))).toEqual(messages);
  });

  it('lets riders on the last datagram to a known host, sees what they join, and gives them no more than the room', () => {
    const asked: [number, readonly SingleMessage[]][] = [];
    const large: SingleMessage = { kind: 'joinAnswer', outcome: 'refused', reason: 'x'.repeat(350), taken: [] };
    const { outbox, sent, flush } = outboxOf((room, carried) => {
      asked.push([room, [...carried]]);
      return [large, ping(9)];
    });
    outbox.add(to(1), ping(1));
    outbox.add({ hostId: null, address: '10.0.0.3:7600' }, ping(3));
    outbox.add(to(2), large);
    flush();
    expect(asked.map(([, carried]) => carried)).toEqual([[ping(1)], [large]]);
    expect(asked[0]![0]).toBeGreaterThan(asked[1]![0]);
    expect(sent).toEqual([
      [to(1).address, { kind: 'bundle', messages: [ping(1), large, ping(9)] }],
      ['10.0.0.3:7600', ping(3)],
      [to(2).address, large],
      [to(2).address, { kind: 'bundle', messages: [large, ping(9)] }],
    ]);
  });
});
