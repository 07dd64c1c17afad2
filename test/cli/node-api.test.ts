import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { NodeApi } from '../../src/cli/node-api.ts';

it('says after three seconds whom it waits for, and gives up after thirty', async () => {
  let asked = (): void => {};
  const server = createServer(() => asked());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());

  const said: string[] = [];
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const answer = new NodeApi(new URL(origin), null, (line) => said.push(line)).get('/v1/status');
  const refused = expect(answer).rejects.toMatchObject({ code: 'TIMEOUT' });
  await arrived;
  vi.advanceTimersByTime(2_999);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said).toEqual([`waiting for ${origin}, up to 30 s`]);
  vi.advanceTimersByTime(27_000);
  await refused;
  expect(said).toHaveLength(1);
});
