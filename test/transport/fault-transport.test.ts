import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { Destination } from '../../src/node/core-io.ts';
import type { Channel, Message } from '../../src/node/message.ts';
import { type Faults, FaultTransport } from '../../src/transport/fault-transport.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { TransportCounters } from '../../src/transport/transport-counters.ts';
import { ping } from './transport-suite.ts';

const to: Destination = { hostId: '00000000-0000-4000-8000-000000000001', address: '10.0.0.1:1' };
const other: Destination = { ...to, address: '10.0.0.2:1' };

/** A faulty transport over one that only keeps what it is given. */
function faulty(seed: number, faults: Faults) {
  const sent: { to: Destination; channel: Channel; message: Message }[] = [];
  const failed: Destination[] = [];
  const inner: Transport = {
    address: { host: '10.0.0.9', port: 1 },
    counters: new TransportCounters(),
    bindCluster: () => {},
    send: (destination, channel, message) => void sent.push({ to: destination, channel, message }),
    close: async () => {},
  };
  const handler = { message: () => {}, sendFailed: (destination: Destination) => void failed.push(destination) };
  return { transport: new FaultTransport(inner, handler, new SeededRandom(seed), faults), sent, failed };
}
const probes = (sent: readonly { message: Message }[]): number[] =>
  sent.map(({ message }) => (message.kind === 'ping' ? message.probe : -1));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('drops the given share of datagrams and no stream message, the same ones for the same seed', () => {
  const run = (seed: number): number[] => {
    const { transport, sent } = faulty(seed, { dropRatio: 0.3 });
    for (let probe = 0; probe < 1_000; probe++) transport.send(to, 'datagram', ping(probe));
    for (let probe = 0; probe < 100; probe++) transport.send(to, 'stream', ping(1_000 + probe));
    expect(sent.filter(({ channel }) => channel === 'stream')).toHaveLength(100);
    expect(transport.lost + sent.length).toBe(1_100);
    return probes(sent);
  };
  expect(run(1).length).toBeGreaterThan(100 + 650);
  expect(run(1).length).toBeLessThan(100 + 750);
  expect(run(1)).toEqual(run(1));
  expect(run(2)).not.toEqual(run(1));
});

it('delays each message of a family up to the given time, and no other family', () => {
  const { transport, sent } = faulty(1, { maxDelayMs: { detector: 100 } });
  for (let probe = 0; probe < 50; probe++) transport.send(to, 'datagram', ping(probe));
  transport.send(to, 'datagram', { kind: 'goodbye', generation: 1 });
  expect(probes(sent)).toEqual([-1]);
  vi.advanceTimersByTime(50);
  expect(sent.length).toBeGreaterThan(10);
  expect(sent.length).toBeLessThan(40);
  vi.advanceTimersByTime(50);
  expect(sent).toHaveLength(51);
  expect(probes(sent)).not.toEqual([...probes(sent)].sort((a, b) => a - b));
});

it('delays a kind by its own time instead of its family, and a bundle as its slowest message', () => {
  const { transport, sent } = faulty(1, { maxDelayMs: { lifecycle: 100, goodbye: 0, epoch: 100 } });
  const goodbye = { kind: 'goodbye', generation: 1 } as const;
  transport.send(to, 'datagram', goodbye);
  expect(sent).toHaveLength(1);
  const bundle: Message = { kind: 'bundle', messages: [goodbye, { kind: 'recall', commitNumber: 1 }] };
  transport.send(to, 'datagram', bundle);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(2);
});

it('blocks one address, one way, until it is unblocked; its streams fail', () => {
  const { transport, sent, failed } = faulty(1, {});
  transport.block(to.address);
  transport.send(to, 'datagram', ping(1));
  transport.send(to, 'stream', ping(2));
  transport.send(other, 'datagram', ping(3));
  expect(failed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([probes(sent), failed]).toEqual([[3], [to]]);
  transport.unblock(to.address);
  transport.send(to, 'datagram', ping(4));
  expect(probes(sent)).toEqual([3, 4]);
});

it('sends nothing that is still delayed when it closes', async () => {
  const { transport, sent } = faulty(1, { maxDelayMs: { detector: 100 } });
  transport.send(to, 'datagram', ping(1));
  await transport.close();
  vi.advanceTimersByTime(200);
  expect(sent).toEqual([]);
});
