import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { parseConfig } from '../../src/daemon/config-file.ts';
import { readDaemonOptions } from '../../src/daemon/daemon-options.ts';
import type { Environment } from '../../src/daemon/environment.ts';
import type { ResolvedNodeOptions } from '../../src/runtime/resolve-node-options.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function yaml(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'murmurd-config-'));
  folders.push(folder);
  const file = join(folder, 'murmurd.yaml');
  writeFileSync(file, text);
  return file;
}

const read = (line: string, env: Environment = {}) =>
  readDaemonOptions(
    line.split(' ').filter((word) => word !== ''),
    env,
    '1.2.3',
  );

function run(line: string, env: Environment = {}): ResolvedNodeOptions & { said: readonly string[] } {
  const request = read(line, env);
  if (request.kind !== 'run') throw new Error(`printed: ${request.text}`);
  return { ...request.resolved, said: request.warnings };
}

function refusalOf(line: string, env: Environment = {}): RingError {
  try {
    read(line, env);
  } catch (error) {
    if (error instanceof RingError) return error;
    throw error;
  }
  throw new Error(`${line} was accepted`);
}

describe('murmurd settings', () => {
  it('come from every flag', () => {
    const secret = yaml('a secret of some length');
    const token = yaml('token');
    const line =
      '--cluster flock --listen [::1]:1 --advertise db1:2 --seeds a:1,b:2 --seeds c:3 --data /d --datacenter east --rack r7' +
      ` --tokens 32 --http 127.0.0.1:3 --http-token-file ${token} --secret-file ${secret} --log-level warn --found` +
      ' --insecure --join-as-new --no-join --join-timeout 5s --load-directory /l --allow-config-change';
    expect(run(line)).toMatchObject({
      cluster: 'flock',
      listen: { host: '::1', port: 1 },
      advertise: { host: 'db1', port: 2 },
      seeds: ['a:1', 'b:2', 'c:3'],
      data: '/d',
      datacenter: 'east',
      rack: 'r7',
      tokens: 32,
      http: { host: '127.0.0.1', port: 3 },
      httpToken: 'token',
      secret: Buffer.from('a secret of some length'),
      logLevel: 'warn',
      found: true,
      insecure: true,
      joinAsNew: true,
      join: false,
      shadowTimeoutMs: 5_000,
      loadDirectory: '/l',
      allowConfigChange: true,
    });
  });

  it('count from the flag before the environment before YAML before the default', () => {
    const file = yaml('cluster: of-file\nrack: of-file\ntokens: 3\nseeds: [a:1, "b:2"]\nhttp: off\n');
    const env = { MURMURING_RACK: 'of-env', MURMURING_TOKENS: '4', MURMURING_CONFIG: file };
    expect(run('--tokens 5', env)).toMatchObject({
      tokens: 5,
      rack: 'of-env',
      cluster: 'of-file',
      seeds: ['a:1', 'b:2'],
      http: null,
      datacenter: 'dc1',
    });
  });

  it('take a switch of the environment as true or false, and an empty variable as not set', () => {
    const env = { MURMURING_CLUSTER: 'flock', MURMURING_FOUND: '1', MURMURING_INSECURE: 'false', MURMURING_RACK: '' };
    expect(run('', env)).toMatchObject({ found: true, insecure: false, rack: 'rack1', join: true });
    expect(run('', { ...env, MURMURING_JOIN: 'false' }).join).toBe(false);
    expect(run('', { ...env, MURMURING_NO_JOIN: 'true' }).join).toBe(false);
    expect(run('--no-join', { ...env, MURMURING_JOIN: 'true' }).join).toBe(false);
    expect(refusalOf('', { ...env, MURMURING_FOUND: 'perhaps' }).message).toBe(
      'MURMURING_FOUND: found: got "perhaps", expected true or false',
    );
  });

  it('read a secret and a token once: the file may be a pipe', () => {
    const [secret, token] = [yaml('read once, a secret'), yaml('token')];
    const request = read(`--cluster flock --secret-file ${secret} --http-token-file ${token}`);
    const options = request.kind === 'run' ? request.options : {};
    expect(options).toMatchObject({ secret: Buffer.from('read once, a secret'), httpToken: 'token' });
    expect(Object.keys(options)).not.toEqual(expect.arrayContaining([expect.stringContaining('File')]));
  });

  it('of an empty list are no choice: a script with an unset variable founds nothing', () => {
    expect(() => readDaemonOptions(['--cluster', 'flock', '--seeds', ''], {}, '1.2.3')).toThrow(/seeds: got ""/);
    expect(refusalOf('--cluster flock', { MURMURING_SEEDS: ',' }).message).toContain('MURMURING_SEEDS');
  });

  it('have a variable for each flag, the negative ones too', () => {
    const env = { MURMURING_CLUSTER: 'flock', MURMURING_NO_STRICT_JOIN: 'true', MURMURING_NO_JOIN: 'yes' };
    expect(run('', env)).toMatchObject({ strictJoin: false, join: false, said: [] });
  });

  it('take a time-out in milliseconds as a number', () => {
    expect(run('--cluster flock --join-timeout 60000').shadowTimeoutMs).toBe(60_000);
  });

  it('let a secret of a stronger source overrule a secret file of a weaker one', () => {
    const file = yaml('of the flag');
    const env = { MURMURING_CLUSTER: 'flock', MURMURING_SECRET: 'of the environment' };
    expect(run('', env).secret).toEqual(Buffer.from('of the environment'));
    expect(run(`--secret-file ${file}`, env).secret).toEqual(Buffer.from('of the flag'));
    expect(run('', { ...env, MURMURING_HTTP_TOKEN: 'token' }).httpToken).toBe('token');
  });

  it.each([
    ['--clustr x', 'INVALID_ARGUMENT', /unknown option '--clustr'.*--cluster/],
    ['--cluster', 'INVALID_ARGUMENT', /argument missing/],
    ['--cluster x extra', 'INVALID_ARGUMENT', /too many arguments/],
    ['--cluster x --tokens many', 'INVALID_CONFIG', /^--tokens: tokens: got "many", expected a whole number/],
    ['--cluster x --listen nowhere', 'INVALID_ADDRESS', /^--listen: listen: got "nowhere"/],
    ['--cluster x --listen 10.0.0.1:1', 'INSECURE', /^--listen: listen: 10.0.0.1:1 is not on loopback/],
    ['--cluster x --config /no/file', 'INVALID_CONFIG', /^--config: config: \/no\/file cannot be read \(ENOENT\)/],
    ['', 'INVALID_CONFIG', /^cluster: got nothing/],
  ])('of the command line "%s" are refused as %s with what is wrong', (line, code, text) => {
    expect(refusalOf(line)).toMatchObject({ code, message: expect.stringMatching(text), hint: expect.any(String) });
  });

  it.each([
    ['cluster: x\nseed: [a:1]\n', /line 2: seed: no such setting/, 'Did you mean seeds?'],
    ['cluster: x\njoin-as-new: true\n', /line 2: join-as-new/, 'Did you mean joinAsNew?'],
    ['cluster: x\nconfig: y\n', /line 2: config: no such setting/, expect.any(String)],
    ['cluster: x\n\ntokens: "16"\n', /line 3: tokens: got "16", expected a whole number/, expect.any(String)],
    ['cluster: x\nrack:\n', /line 2: rack: got null, expected a value/, expect.any(String)],
    ['cluster: x\ndata: {host: a}\n', /line 2: data: got \{"host":"a"\}, expected text/, expect.any(String)],
    ['cluster: x\ncluster: y\n', /line 2: not valid YAML: .*unique/, expect.any(String)],
    ['cluster: x\n  tokens: 3: 4\n', /line [12]: not valid YAML/, expect.any(String)],
    ['- cluster\n', /line 1: got no mapping/, expect.any(String)],
  ])('of the file %j are refused with file, line and key', (text, message, hint) => {
    const file = yaml(text);
    const refusal = refusalOf(`--config ${file}`);
    expect(refusal).toMatchObject({ code: 'INVALID_CONFIG', hint });
    expect(refusal.message).toMatch(message);
    expect(refusal.message.startsWith(`${file} line `)).toBe(true);
  });

  it('of a broken file show no line of it, which could be the secret', () => {
    expect(refusalOf(`--config ${yaml('secret: "hunter2\ntokens: 3\n')}`).message).not.toContain('hunter2');
  });

  it('warn of a variable that was mistyped, and leave those of Kubernetes alone', () => {
    const env = {
      MURMURING_CLUSTER: 'x',
      MURMURING_SEED: 'a:1',
      MURMURING_PORT: 'tcp://1',
      MURMURING_SERVICE_HOST: '1',
    };
    expect(run('', env).said).toEqual(['MURMURING_SEED is no setting and was ignored: did you mean MURMURING_SEEDS?']);
  });

  it('are explained by --help, and --version says the version', () => {
    const help = read('--help');
    expect(help).toMatchObject({ kind: 'print', text: expect.stringContaining('--join-timeout <duration>') });
    expect(help).toMatchObject({ text: expect.stringContaining('MURMURING_SECRET ') });
    expect(read('--version')).toEqual({ kind: 'print', text: '1.2.3\n' });
  });

  it('of any file at all are read or refused with a line, never worse', () => {
    const pieces = fc.constantFrom(
      'cluster',
      ': ',
      '\n',
      '- ',
      '&a ',
      '*a',
      '? ',
      '{',
      '}',
      '<<',
      '!!binary ',
      '"',
      '|',
      '\t',
      '%',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseConfig(text, 'f.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(RingError);
          expect((error as RingError).message).toMatch(/^f\.yaml line \d+: /);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
