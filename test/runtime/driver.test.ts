import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvariantViolation, RingError } from '../../src/base/error.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import type { Input } from '../../src/node/core-io.ts';
import { defaultNodeConfig } from '../../src/node/node-config.ts';
import { NodeCore } from '../../src/node/node-core.ts';
import { emptyStoredState } from '../../src/node/store-record.ts';
import { Driver } from '../../src/runtime/driver.ts';
import { MemoryStore } from '../../src/storage/memory-store.ts';
import type { Transport } from '../../src/transport/transport.ts';

const hostId = '00000000-0000-4000-8000-000000000001';
const peer = { hostId: '00000000-0000-4000-8000-000000000002', bootNonce: '0'.repeat(16), replyTo: '127.0.0.1:1' };
const transport = { send: () => {}, bindCluster: () => {} } as unknown as Transport;

const start = (): Input => ({
  kind: 'start',
  stored: emptyStoredState,
  freshHostId: hostId,
  bootNonce: 'f'.repeat(16),
  address: '127.0.0.1:7600',
  httpAddress: null,
});

/** A core that notes what it is given, and breaks at the word `seeds`. */
class NotingCore {
  readonly steps: string[] = [];
  started = false;
  step(_now: unknown, input: Input): void {
    this.steps.push(input.kind);
    if (input.kind === 'start') this.started = true;
    if (input.kind === 'seeds') throw new InvariantViolation('broken');
  }
}

describe('Driver', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives a core nothing before its start: peers speak, and the loop lags, while the node is still being put together', async () => {
    const core = new NodeCore({
      config: {
        ...defaultNodeConfig,
        clusterName: 'flock',
        releaseVersion: '1',
        datacenter: 'dc',
        rack: 'r',
        found: true,
      },
      random: new SeededRandom(1),
      directory: new EndpointDirectory(),
    });
    const failures: unknown[] = [];
    const events: string[] = [];
    const driver = new Driver(core, new MemoryStore(), {
      event: ({ kind }) => events.push(kind),
      failed: (error) => failures.push(error),
    });
    driver.attach(transport);
    driver.message(peer, 'datagram', { kind: 'ping', probe: 1 });
    driver.sendFailed({ hostId: peer.hostId, address: peer.replyTo });
    await expect(driver.command({ kind: 'drain' })).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(failures).toEqual([]);
    driver.input(start());
    driver.input({ kind: 'seeds', seeds: [] });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(failures).toEqual([]);
    expect(events).toContain('ready');
    driver.stop(new RingError('STOPPED', 'over'));
  });

  it('gives a core nothing more once one of its steps broke an invariant, or the disk refused a commit', async () => {
    for (const how of ['step', 'disk']) {
      const core = new NotingCore();
      const failures: unknown[] = [];
      const store = new MemoryStore();
      const driver = new Driver(core as unknown as NodeCore, store, {
        event: () => {},
        failed: (error) => failures.push(error),
      });
      driver.attach(transport);
      driver.input(start());
      if (how === 'step') driver.input({ kind: 'seeds', seeds: [] });
      else {
        await store.close();
        driver.commit([]);
        await vi.advanceTimersByTimeAsync(0);
      }
      expect(failures).toHaveLength(1);
      const taken = core.steps.length;
      driver.message(peer, 'datagram', { kind: 'ping', probe: 1 });
      expect(core.steps).toHaveLength(taken);
      await expect(driver.command({ kind: 'drain' })).rejects.toMatchObject({ code: 'STOPPED' });
      driver.stop(new RingError('STOPPED', 'over'));
    }
  });
});
