import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRingctl } from '../cli/run-ringctl.ts';
import { LocalDaemon } from './local-daemon.ts';
import { Daemon, freshDirectory, getJson, nodeFlags, until } from './processes.ts';

/** Runs a daemon that must not start, in this process or in one of its own; its exit code and what it said. */
async function refused(
  args: readonly string[],
  env: Record<string, string> = {},
  Kind: typeof Daemon | typeof LocalDaemon = LocalDaemon,
): Promise<{ code: number | null; stderr: string }> {
  const daemon = new Kind(args, env);
  const code = await daemon.exited;
  return { code, stderr: daemon.stderr };
}

describe('bad input to a real node', () => {
  it.each([
    { name: 'no cluster name', args: ['--listen', '127.0.0.1:0'], says: /cluster/ },
    {
      name: 'to a process, an unknown flag',
      kind: Daemon,
      args: ['--cluster', 'x', '--clutser', 'y'],
      says: /--clutser|unknown option/,
    },
    { name: 'a bad address', args: ['--cluster', 'x', '--listen', 'nowhere'], says: /listen/ },
    {
      name: 'no secret off loopback',
      args: ['--cluster', 'x', '--listen', '0.0.0.0:0', '--advertise', '10.0.0.1:7600', '--http', 'off'],
      says: /secret/,
    },
    { name: 'a token count that is no number', args: ['--cluster', 'x', '--tokens', 'many'], says: /tokens/ },
  ])('$name is refused with one line that says what to do', async ({ args, says, kind }) => {
    const data = await freshDirectory();
    const { code, stderr } = await refused([...args, '--data', data], {}, kind);
    expect([1, 2]).toContain(code);
    expect(stderr).toMatch(says);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('bad YAML is refused with file, line and key', async () => {
    const directory = await freshDirectory();
    const file = join(directory, 'node.yaml');
    await writeFile(file, 'cluster: x\ntokns: 8\n');
    const { code, stderr } = await refused(['--config', file]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/node\.yaml line 2/);
    expect(stderr).toMatch(/tokns/);
    expect(stderr).toMatch(/tokens/);
  });

  it('an address in use, a directory in use, another cluster and an edited rack are each their own error', async () => {
    const data = await freshDirectory();
    const first = new LocalDaemon(nodeFlags(data));
    const { gossipAddress, httpAddress, hostId } = await first.ready();

    const other = await freshDirectory();
    const taken = await refused([
      '--cluster',
      'test',
      '--listen',
      gossipAddress,
      '--http',
      '127.0.0.1:0',
      '--data',
      other,
    ]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(/in use/);
    const takenHttp = await refused([
      '--cluster',
      'test',
      '--listen',
      '127.0.0.1:0',
      '--http',
      httpAddress,
      '--data',
      other,
    ]);
    expect(takenHttp.stderr).toMatch(/in use/);
    const locked = await refused(nodeFlags(data), {}, Daemon);
    expect(locked.code).toBe(1);
    expect(locked.stderr).toMatch(/in use/);

    await first.stop();
    const otherCluster = await refused([
      '--cluster',
      'other',
      '--listen',
      '127.0.0.1:0',
      '--http',
      '127.0.0.1:0',
      '--data',
      data,
    ]);
    expect(otherCluster.stderr).toMatch(/test/);
    const edited = await refused(nodeFlags(data, [], ['--rack', 'elsewhere']));
    expect(edited.stderr).toMatch(/rack/);

    // Nothing of all that was lost.
    const again = new LocalDaemon(nodeFlags(data));
    expect((await again.ready()).hostId).toBe(hostId);
  });

  it('a wrong secret keeps a node out, and the secret of the cluster lets it in', async () => {
    const founder = new LocalDaemon(nodeFlags(await freshDirectory()), {
      MURMURING_SECRET: 'a secret that nobody guesses',
    });
    const { gossipAddress, httpAddress } = await founder.ready();
    const stranger = await refused(nodeFlags(await freshDirectory(), [gossipAddress], ['--join-timeout', '2s']), {
      MURMURING_SECRET: 'another secret of this length',
    });
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toMatch(/secret/);
    const friend = new LocalDaemon(nodeFlags(await freshDirectory(), [gossipAddress]), {
      MURMURING_SECRET: 'a secret that nobody guesses',
    });
    await friend.ready();
    expect((await getJson(httpAddress, '/v1/status')).nodes).toHaveLength(2);
  });

  it('bytes that are no frame are dropped and counted, orders that name nothing are refused with a hint, and the node goes on', async () => {
    const daemon = new LocalDaemon(nodeFlags(await freshDirectory()));
    const { gossipAddress, httpAddress } = await daemon.ready();
    const port = Number(gossipAddress.split(':')[1]);
    const udp = createSocket('udp4');
    for (let size = 0; size < 1_400; size += 7) udp.send(Buffer.alloc(size, size), port, '127.0.0.1');
    const tcp = connect(port, '127.0.0.1');
    tcp.on('error', () => {});
    tcp.write(Buffer.alloc(100_000, 0x55));
    const counted = async (): Promise<boolean> => {
      const { rejected } = (await getJson(httpAddress, '/v1/info')).traffic;
      return Object.values(rejected as Record<string, number>).reduce((sum, count) => sum + count, 0) >= 100;
    };
    await until(counted, 10_000);
    udp.close();
    tcp.destroy();
    for (const args of [
      ['route', 'key', '--keyspace', 'nowhere'],
      ['getendpoints', 'nowhere', 'key'],
      ['route', ''],
      ['schema', 'put', 'keyspace', 'k', '--replication', '{"class":"NetworkTopologyStrategy","mars":3}'],
      ['schema', 'put', 'keyspace', 'bad name', '--replication', '{"class":"SimpleStrategy","replication_factor":1}'],
      ['schema', 'drop', 'keyspace', 'nowhere'],
      ['ops', 'abort', '00000000-0000-4000-8000-000000000000'],
    ]) {
      const { exitCode, stderr } = await runRingctl(['--http', `http://${httpAddress}`, ...args]);
      expect([1, 2], args.join(' ')).toContain(exitCode);
      expect(stderr.trim().split('\n'), args.join(' ')).toHaveLength(1);
    }
    expect((await getJson(httpAddress, '/v1/status')).nodes).toHaveLength(1);
  });

  it.runIf(existsSync('/dev/full'))('a disk that takes no more of an answer is told in one line', async () => {
    const full = await open('/dev/full', 'w');
    const ringctl = resolve(import.meta.dirname, '../../bin/ringctl.js');
    const child = spawn(process.execPath, [ringctl, '--help'], { stdio: ['ignore', full.fd, 'pipe'] });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise<number | null>((done) => child.once('close', done));
    await full.close();
    expect([code, stderr.trim().split('\n')]).toEqual([
      1,
      [expect.stringContaining('cannot write the answer: ENOSPC')],
    ]);
  });
});
