import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NameCache } from '../../src/transport/name-cache.ts';

/** A name service in the hands of the test, and a cache whose clock stands until it is moved. */
function cacheOf() {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const asked: string[] = [];
  const service: { answer: () => Promise<readonly string[]> } = { answer: async () => ['10.0.0.1'] };
  const names = new NameCache(4, (name) => {
    asked.push(name);
    return service.answer();
  });
  return { names, asked, service };
}

const later = (): void => void vi.advanceTimersByTime(6_000);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a name cache', () => {
  it('waits for the first answer, gives it at once for five seconds, and then asks again', async () => {
    const { names, asked, service } = cacheOf();
    expect(await names.resolve('db1')).toBe('10.0.0.1');
    expect(names.resolve('db1')).toBe('10.0.0.1');
    later();
    service.answer = async () => ['10.0.0.2'];
    names.resolve('db1');
    await settled();
    expect(names.resolve('db1')).toBe('10.0.0.2');
    expect(asked).toHaveLength(2);
  });

  it('goes on with the last address while the name service is silent, and asks it once', async () => {
    const { names, asked, service } = cacheOf();
    await names.resolve('db1');
    later();
    service.answer = () => new Promise(() => {});
    for (let time = 0; time < 3; time++) expect(names.resolve('db1')).toBe('10.0.0.1');
    expect(asked).toHaveLength(2);
  });

  it('keeps the last address when the name service fails, also of a host that was to be looked up anew', async () => {
    const { names, service } = cacheOf();
    await names.resolve('db1');
    service.answer = async () => {
      throw new Error('EAI_AGAIN');
    };
    later();
    names.resolve('db1');
    await settled();
    expect(names.resolve('db1')).toBe('10.0.0.1');
    names.askAgain('db1');
    names.resolve('db1');
    await settled();
    expect(names.resolve('db1')).toBe('10.0.0.1');
  });

  it('learns at once where a host went that did not answer at its old address', async () => {
    const { names, service } = cacheOf();
    await names.resolve('db1');
    service.answer = async () => ['10.0.0.2'];
    names.askAgain('db1');
    await settled();
    expect(names.resolve('db1')).toBe('10.0.0.2');
  });

  it('gives up an address of a family that this node cannot reach, and a name that leads nowhere', async () => {
    const { names, service } = cacheOf();
    await names.resolve('db1');
    later();
    service.answer = async () => ['fd00::1'];
    names.resolve('db1');
    await settled();
    expect(names.resolve('db1')).toBeNull();
    expect(names.resolve('::1')).toBeNull();
  });
});
