import { describe, expect, it } from 'vitest';
import { RingLog } from '../../src/epoch/ring-log.ts';
import type { NodeReader } from '../../src/node/node-reader.ts';
import { RingChanger } from '../../src/runtime/ring-changer.ts';
import { begin, draft, history, operationId, ringOf, subject, uuid } from '../epoch/ring-fixtures.ts';

/** A changer at host 0, over a history that the test makes longer. */
class Changer extends RingChanger {
  readonly #log: RingLog;
  readonly stop: () => void;

  constructor(log: RingLog) {
    let stop = (): void => {};
    const stopped = new Promise<null>((resolve) => {
      stop = () => resolve(null);
    });
    super({
      driver: { command: () => new Promise(() => {}) },
      read: () => ({ hostId: uuid(0), register: { state: log.state, log } }) as unknown as NodeReader,
      stopped,
      plan: () => {
        throw new Error('not asked for');
      },
    });
    this.#log = log;
    this.stop = stop;
  }

  decide(...drafts: Parameters<typeof history>[0]): void {
    for (const record of history(drafts, this.#log.state)) {
      this.#log.append(record);
      this.changed({ kind: 'ring', epoch: record.epoch });
    }
  }
}

describe('awaitOperation', () => {
  const id = operationId(50);
  const removed = { hostId: uuid(2), tokens: [] };

  it.each([
    ['end', 'its end', [draft('switch', id), draft('end', id)]],
    ['abort', 'its abort', [draft('abort', id)]],
    ['superseded', 'the forced removal of its last subject', [draft('remove', operationId(51), [removed])]],
    [
      'superseded',
      'such a removal after its switch',
      [draft('switch', id), draft('remove', operationId(51), [removed])],
    ],
  ] as const)(
    'answers %s of an operation that %s closes, to who waits and who comes late',
    async (outcome, _, closing) => {
      const log = new RingLog();
      log.fill(null, ringOf(3));
      const changer = new Changer(log);
      changer.decide(begin('removenode', id, [subject(2)]));
      let answer: string | null = null;
      const waiting = changer.awaitOperation(id).then((how) => {
        answer = how;
      });
      await Promise.resolve();
      expect(answer).toBeNull();
      changer.decide(...closing);
      await waiting;
      expect(answer).toBe(outcome);
      expect(await changer.awaitOperation(id)).toBe(outcome);
    },
  );

  it('answers who leaves itself, and stays because all others were removed by force', async () => {
    const log = new RingLog();
    log.fill(null, ringOf(2));
    const changer = new Changer(log);
    changer.decide(begin('decommission', id, [subject(0)]));
    const waiting = changer.awaitOperation(id);
    changer.decide(draft('remove', operationId(51), [{ hostId: uuid(1), tokens: [] }]));
    expect(await waiting).toBe('superseded');
  });

  it('rejects once the node has stopped, also who asks only then, unless the operation was closed before', async () => {
    const log = new RingLog();
    log.fill(null, ringOf(3));
    const changer = new Changer(log);
    const closed = operationId(49);
    changer.decide(begin('removenode', closed, [subject(1)]), draft('abort', closed));
    changer.decide(begin('removenode', id, [subject(2)]));
    const waiting = changer.awaitOperation(id);
    changer.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(changer.awaitOperation(id)).rejects.toMatchObject({ code: 'STOPPED' });
    expect(await changer.awaitOperation(closed)).toBe('abort');
  });
});
