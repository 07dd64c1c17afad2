import { describe, expect, it } from 'vitest';
import type { RingState } from '../../src/epoch/ring-state.ts';
import { JoinQueue } from '../../src/lifecycle/join-queue.ts';

describe('a queue of joiners', () => {
  it('reads nothing of the ring while nobody waits: every voter looks twice a second', () => {
    const unread = new Proxy({} as RingState, {
      get: (_ring, part) => {
        throw new Error(`${String(part)} of the ring was read`);
      },
    });
    const port = new Proxy({} as Parameters<JoinQueue['take']>[2], {
      get: (_port, part) => {
        throw new Error(`${String(part)} was asked`);
      },
    });
    expect(new JoinQueue().take(1_000, unread, port)).toEqual([]);
  });
});
