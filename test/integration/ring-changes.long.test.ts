import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Daemon, fastGossip, freshDirectory, getJson, nodeFlags, ringctl, until } from './processes.ts';

/** A program that notes each movement on one line of a file, and tells progress. */
function mover(directory: string): { readonly path: string; moved(): { role: string; operation: string }[] } {
  const path = join(directory, 'mover.sh');
  const notes = join(directory, 'moved.jsonl');
  writeFileSync(notes, '');
  writeFileSync(path, `#!/bin/sh\necho 50%\ncat >> ${notes}\n`);
  chmodSync(path, 0o755);
  const moved = () =>
    readFileSync(notes, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { path, moved };
}

it('a ring of processes changes through ringctl: one leaves, a dead one is replaced, a dead one is removed, and one of the last two without a majority', {
  timeout: 150_000,
}, async () => {
  const directory = await freshDirectory();
  const { path, moved } = mover(directory);
  let started = 0;
  const start = async (seeds: readonly string[], ...more: string[]) => {
    const flags = nodeFlags(join(directory, `n${++started}`), seeds, ['--movement-command', path, ...more]);
    const daemon = new Daemon(flags, fastGossip);
    return { daemon, ...(await daemon.ready()) };
  };
  const a = await start([]);
  const b = await start([a.gossipAddress]);
  const c = await start([a.gossipAddress]);
  const ask = (...args: string[]) => ringctl(a.httpAddress, ...args);
  const replication = '{"class":"SimpleStrategy","replication_factor":2}';
  expect(await ask('schema', 'put', 'keyspace', 'ks', '--replication', replication)).toMatchObject({ code: 0 });
  expect(await ask('schema', 'agree', '--timeout', '10s')).toMatchObject({ code: 0 });
  const states = async (): Promise<string[]> => {
    const { nodes } = await getJson(a.httpAddress, '/v1/status');
    return nodes.map(({ hostId, state }: { hostId: string; state: string }) => `${hostId} ${state}`);
  };

  const plan = await ringctl(c.httpAddress, 'plan', 'decommission');
  expect(plan.stdout).toContain('It can be done now.');
  expect(moved()).toEqual([]);
  const left = await ringctl(c.httpAddress, 'decommission');
  expect(left.stderr).toBe('');
  expect(left.stdout).toMatch(/^Decommission \S+ has ended, as epoch \d+\.\n$/);
  expect(await c.daemon.exited).toBe(0);
  expect(c.daemon.event('left')).toBeDefined();
  expect((await states()).sort()).toEqual([`${a.hostId} normal`, `${b.hostId} normal`].sort());
  expect(new Set(moved().map(({ operation, role }) => `${operation} ${role}`))).toEqual(
    new Set(['decommission gain', 'decommission lose']),
  );

  const d = await start([a.gossipAddress]);
  const tooEarly = await ask('removenode', d.hostId);
  expect(tooEarly).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('expected dead') });
  await d.daemon.crash();
  const isDead = async (hostId: string): Promise<boolean> => {
    const { nodes } = await getJson(a.httpAddress, '/v1/status');
    return nodes.some(
      (node: { hostId: string; liveness: string }) => node.hostId === hostId && node.liveness === 'dead',
    );
  };
  await until(() => isDead(d.hostId), 20_000);
  const e = await start([a.gossipAddress], '--replace', d.hostId);
  expect((await states()).sort()).toEqual([a, b, e].map(({ hostId }) => `${hostId} normal`).sort());
  expect(moved().some(({ operation, role }) => operation === 'replace' && role === 'gain')).toBe(true);

  await e.daemon.crash();
  await until(() => isDead(e.hostId), 20_000);
  const removed = await ask('removenode', e.hostId);
  expect(removed.stderr).toBe('');
  expect(removed.stdout).toMatch(/^Removal \S+ has ended, as epoch \d+\.\n$/);
  expect((await states()).sort()).toEqual([a, b].map(({ hostId }) => `${hostId} normal`).sort());
  expect(await ask('ops')).toMatchObject({ code: 0, stdout: expect.stringContaining('No operation is open') });

  await b.daemon.crash();
  await until(() => isDead(b.hostId), 20_000);
  const frozen = await ask('removenode', b.hostId);
  expect(frozen).toMatchObject({ code: 1, stderr: expect.stringContaining('1 of 2 owners are alive') });
  const forced = await ask('assassinate', b.hostId, '--force');
  expect(forced).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(`${b.hostId} is removed`) });
  expect(await states()).toEqual([`${a.hostId} normal`]);
  for (const _ of [1, 2]) expect(await ask('drain')).toMatchObject({ code: 0, stderr: '' });
  expect((await ask('status')).stdout).toContain(`${a.gossipAddress} is drained`);
});
