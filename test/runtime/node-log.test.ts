import { expect, it } from 'vitest';
import { logEvent } from '../../src/runtime/node-log.ts';

it('a log names a host by its address, and says of a verdict where its evidence is', () => {
  const lines: string[] = [];
  const logger = { info: (_facts: unknown, text: string) => lines.push(text) } as never;
  const addressOf = (hostId: string): string | null => (hostId === 'known' ? '10.0.0.2:7600' : null);
  logEvent(logger, { kind: 'liveness', hostId: 'known', liveness: 'dead' }, addressOf);
  logEvent(logger, { kind: 'liveness', hostId: 'known', liveness: 'alive' }, addressOf);
  logEvent(logger, { kind: 'liveness', hostId: 'unknown', liveness: 'alive' }, addressOf);
  expect(lines).toEqual([
    '10.0.0.2:7600 (known) is dead; `ringctl why known` has the evidence',
    '10.0.0.2:7600 (known) is alive',
    'unknown is alive',
  ]);
});
