import { expect, it, onTestFinished, vi } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { parseContactPoint } from '../../src/client/contact-point.ts';
import type { HttpDoor } from '../../src/client/http-door.ts';
import { LiveRing } from '../../src/client/live-ring.ts';
import { reconnectionDelayMs } from '../../src/client/reconnection.ts';

const random = { uint32: () => 0, fraction: () => 0, below: () => 0 };

it('rests once, longer each time, after a node that ends each stream as soon as it is open', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const openedMs: number[] = [];
  const door = {
    openEvents: (_point: unknown, _path: string, { onOpen, onEnd }: Parameters<HttpDoor['openEvents']>[2]) => {
      queueMicrotask(() => {
        openedMs.push(performance.now());
        onOpen();
        onEnd(new RingError('TIMEOUT', 'the stream ended'));
      });
      return { close() {} };
    },
  } as unknown as HttpDoor;
  const ring = new LiveRing({
    door,
    contactPoints: [parseContactPoint('127.0.0.1:1', 'http:')],
    cluster: null,
    random,
    firstAttemptTimeoutMs: 1_000,
    attemptTimeoutMs: 1_000,
    idleTimeoutMs: 1_000,
    onEvent: () => {},
  });
  onTestFinished(() => ring.close());
  void ring.run(() => {});
  await vi.advanceTimersByTimeAsync(1_000);
  const rests = openedMs.slice(1).map((atMs, index) => atMs - openedMs[index]!);
  expect(rests.slice(0, 4)).toEqual([1, 2, 3, 4].map((misses) => reconnectionDelayMs(misses, random)));
});
