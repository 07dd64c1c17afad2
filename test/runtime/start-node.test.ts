import pino from 'pino';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import type { MurmuringNode } from '../../src/runtime/murmuring-node.ts';
import type { NodeOptions } from '../../src/runtime/node-options.ts';
import { startNode } from '../../src/runtime/start-node.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { MemoryStore } from '../../src/storage/memory-store.ts';
import type { Store } from '../../src/storage/store.ts';

/** A store whose disk fills up when the test says so: from then on it refuses with one error, as `Store` has it. */
class FillingStore extends MemoryStore {
  #full: RingError | null = null;

  fillUp(): RingError {
    this.#full = new RingError('UNAVAILABLE', 'the disk is full');
    return this.#full;
  }

  override async commit(batch: Parameters<Store['commit']>[0]): Promise<void> {
    if (this.#full !== null) throw this.#full;
    await super.commit(batch);
  }

  override async close(): Promise<void> {
    if (this.#full !== null) throw this.#full;
    await super.close();
  }
}

function filling(): FillingStore {
  const store = new FillingStore();
  vi.spyOn(LevelStore, 'open').mockResolvedValue(store as unknown as LevelStore);
  return store;
}

const begin = (options: Partial<NodeOptions> = {}): Promise<MurmuringNode> =>
  startNode({
    cluster: 'starting',
    listen: '127.0.0.1:0',
    http: false,
    data: 'nowhere',
    logger: pino({ level: 'silent' }),
    ...options,
  });

/** What the process was told of rejections that nobody took, while the test ran. */
function unhandled(): unknown[] {
  const told: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => told.push(reason));
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  });
  return told;
}

describe('startNode', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('gives a node whose disk fills up that stops by itself, says why, and leaves no rejection to the process', async () => {
    const told = unhandled();
    const store = filling();
    const node = await begin();
    const full = store.fillUp();
    await expect(node.putDocument('d', 'text')).rejects.toBeInstanceOf(RingError);
    expect(await node.stopped).toBe(full);
    await expect(node.stop()).rejects.toBe(full);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
  });

  it('says why a start failed, and not that what it opened could not be closed then', async () => {
    const store = filling();
    const failing = begin({
      onStart: () => {
        store.fillUp();
        throw new Error('no port');
      },
    });
    await expect(failing).rejects.toMatchObject({ message: 'onStart failed: no port' });
  });

  it.each([
    ['the start is aborted', 'STOPPED'],
    ['the node has failed', 'UNAVAILABLE'],
  ])('waits no longer for an onStart that does not end once %s', async (why, code) => {
    const store = filling();
    const controller = new AbortController();
    let tellNode = (_: MurmuringNode): void => {};
    const given = new Promise<MurmuringNode>((resolve) => {
      tellNode = resolve;
    });
    const starting = begin({
      signal: controller.signal,
      onStart: (node) => {
        tellNode(node);
        return new Promise(() => {});
      },
    }).catch((error: unknown) => error);
    const node = await given;
    // By now it is a member, and only onStart is waited for.
    await node.putDocument('d', 'text');
    if (why === 'the start is aborted') controller.abort();
    else {
      store.fillUp();
      node.putDocument('d', 'other').catch(() => {});
    }
    expect(await starting).toMatchObject({ code });
  });
});
