import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OperationBegun } from '../../src/api/ring-change.ts';
import { main } from '../../src/cli/main.ts';
import { errorBody, FakeNode } from '../client/fake-node.ts';
import { answers } from './answers.ts';
import { runRingctl, startAnsweringNode } from './run-ringctl.ts';

/** A file that goes with the test. */
function fileWith(content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringctl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file');
  writeFileSync(file, content);
  return file;
}

const oneLine = /^ringctl: [^\n]+\n$/;

describe('X02: misuse of ringctl gets one line on stderr and an exit code', () => {
  it.each<[what: string, argv: string[]]>([
    ['no command', []],
    ['an unknown command', ['statsu']],
    ['an unknown option', ['status', '--keyspaec', 'users']],
    ['getendpoints with 1 argument', ['getendpoints', 'users']],
    ['getendpoints with 3 arguments', ['getendpoints', 'users', 'table', 'alice']],
    ['describering without its keyspace', ['describering']],
    ['an argument too many', ['ops', 'abrot', 'x']],
    ['schema without a command', ['schema']],
    ['schema put keyspace without replication', ['schema', 'put', 'keyspace', 'users']],
    ['two keyspaces', ['status', 'users', '--keyspace', 'sessions']],
    ['replication that is no JSON', ['schema', 'put', 'keyspace', 'users', '--replication', '{class:Simple}']],
    ['replication that is no object', ['schema', 'put', 'keyspace', 'users', '--replication', '[3]']],
    ['a duration without unit', ['schema', 'agree', '--timeout', '30']],
    ['a duration of zero', ['schema', 'agree', '--timeout', '0s']],
    ['a URL that is none', ['status', '--http', 'localhost']],
    ['a URL of another kind', ['status', '--http', 'ftp://127.0.0.1:7601']],
    ['a URL with a path', ['status', '--http', 'http://127.0.0.1:7601/v1']],
    ['a token file that is not there', ['status', '--token-file', '/nonexistent/token']],
    ['a document file that is not there', ['schema', 'put', 'document', 'doc', '/nonexistent/document']],
  ])('%s: exit code 2, and no node is asked', async (_, argv) => {
    const node = await startAnsweringNode();
    const run = await runRingctl(argv, { RINGCTL_HTTP: node.origin });
    expect(run).toEqual({ exitCode: 2, stdout: '', stderr: expect.stringMatching(oneLine) });
    expect(node.requests).toEqual([]);
  });

  it('says which command was meant', async () => {
    expect((await runRingctl(['statsu'])).stderr).toBe(
      "ringctl: unknown command 'statsu' (Did you mean status?). See `ringctl --help`.\n",
    );
  });

  it.each([
    ['status', 'nope'],
    ['ring', 'nope'],
    ['describering', 'nope'],
    ['getendpoints', 'nope', 'alice'],
    ['route', 'alice', '--keyspace', 'nope'],
  ])('unknown keyspace: %s %s exits with 1 and names the known ones', async (...argv) => {
    const node = await startAnsweringNode();
    expect(await runRingctl(argv, { RINGCTL_HTTP: node.origin })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'ringctl: got keyspace "nope", expected one of: sessions, users. Name a keyspace of the schema.\n',
    });
  });

  it('node down: exit code 1, naming the URL and the way out', async () => {
    const node = await startAnsweringNode();
    await node.stop();
    expect(await runRingctl(['--http', node.origin, 'status', '--json'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `ringctl: no node answers at ${node.origin} (nothing listens there). Start murmurd there, or name a node that is up with --http URL or RINGCTL_HTTP.\n`,
    });
  });

  it('a port where no HTTP is spoken: says that it is another one, such as that of gossip', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { exitCode, stderr } = await runRingctl(['--http', origin, 'status']);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(oneLine)]);
    expect(stderr).toContain(`no node answers at ${origin} (the connection was closed before an answer)`);
    expect(stderr).toContain('not that of gossip');
  });

  it('https where the node speaks plain HTTP: says so', async () => {
    const node = await startAnsweringNode();
    const origin = node.origin.replace('http:', 'https:');
    const { exitCode, stderr } = await runRingctl(['--http', origin, 'status']);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(oneLine)]);
    expect(stderr).toContain(`no node answers at ${origin} (it speaks no TLS). Nodes speak plain HTTP`);
  });

  it('a key that the node refuses as wrong usage exits with 2', async () => {
    const node = await FakeNode.start();
    node.answer = () => ({ status: 400, body: errorBody('INVALID_KEY', 'got an empty key', 'Give a key.') });
    const run = await runRingctl(['route', ''], { RINGCTL_HTTP: node.origin });
    expect(run).toEqual({ exitCode: 2, stdout: '', stderr: 'ringctl: got an empty key. Give a key.\n' });
  });

  it.each([
    ['no JSON', 200, '<html>'],
    ['another shape', 200, '{"nodes":3}'],
    ['an error of somebody else', 502, '<h1>Bad Gateway</h1>'],
  ])('a server that answers %s is named as no node of ours', async (_, status, body) => {
    const node = await FakeNode.start();
    node.answer = () => ({ status, body });
    const run = await runRingctl(['status', '--http', node.origin]);
    expect(run).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(oneLine) });
    expect(run.stderr).toContain('murmuring node');
  });

  it('an error that carries line breaks and escape sequences stays one harmless line', async () => {
    const node = await FakeNode.start();
    node.answer = () => ({ status: 409, body: errorBody('REFUSED', 'no\nway \u001b[2J', 'Wait.') });
    const run = await runRingctl(['ops'], { RINGCTL_HTTP: node.origin });
    expect(run.stderr).toBe('ringctl: no way \\x1b[2J. Wait.\n');
  });

  it('a document that is no text is refused before it is sent', async () => {
    const node = await startAnsweringNode();
    const file = fileWith(new Uint8Array([0xff, 0xfe, 0x00]));
    const run = await runRingctl(['schema', 'put', 'document', 'doc', file], { RINGCTL_HTTP: node.origin });
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('not UTF-8 text') });
    expect(node.requests).toEqual([]);
  });
});

describe('ringctl', () => {
  it.each([
    [['--json', '--http', 'URL', 'status', 'users']],
    [['status', '--json', 'users', '--http', 'URL']],
    [['status', 'users', '--http=URL', '--json']],
  ])('prints exactly the answer of the node with --json: %j', async (argv) => {
    const node = await startAnsweringNode();
    const run = await runRingctl(argv.map((word) => word.replace('URL', node.origin)));
    const text = JSON.stringify(answers['GET /v1/status?keyspace=users']);
    expect(run).toEqual({ exitCode: 0, stdout: `${text}\n`, stderr: '' });
  });

  it.each([
    ['ring'],
    ['history'],
    ['info'],
    ['gossipinfo'],
    ['describecluster'],
    ['failuredetector'],
    ['why 10.0.0.2:7600'],
    ['ops'],
    ['schema show'],
    ['schema drop keyspace users'],
    ['getendpoints users alice'],
    ['describering users'],
    ['route alice'],
    ['schema agree'],
    ['version'],
  ])('%s takes --json', async (line) => {
    const node = await startAnsweringNode();
    const run = await runRingctl([...line.split(' '), '--json'], { RINGCTL_HTTP: node.origin });
    const { method, url } = node.requests[0]!;
    expect(run).toEqual({ exitCode: 0, stdout: `${JSON.stringify(answers[`${method} ${url}`])}\n`, stderr: '' });
  });

  it('schema agree --json prints who differs and still exits with 1', async () => {
    const node = await startAnsweringNode();
    const run = await runRingctl(['schema', 'agree', '--json', '--timeout', '1.5s'], { RINGCTL_HTTP: node.origin });
    expect(JSON.parse(run.stdout)).toEqual(answers['GET /v1/schema/agreement?timeoutMs=1500']);
    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(oneLine) });
  });

  it('tells a terminal that an operation has begun, and that Ctrl-C does not undo it', async () => {
    const node = await startAnsweringNode();
    const { operationId } = answers['POST /v1/decommission'] as OperationBegun;
    let shown = '';
    const stderr = { write: (text: string) => (shown += text), isTTY: true };
    await main(['decommission'], { stdout: { write: () => true }, stderr, env: { RINGCTL_HTTP: node.origin } });
    expect(shown).toContain(
      `Decommission ${operationId} has begun, as epoch 8. Ctrl-C stops watching, not the operation.\n`,
    );
  });

  it('an operation that a forced removal closed is no success', async () => {
    const node = await startAnsweringNode();
    const answered = node.answer;
    node.answer = (request, body) => {
      const told = answered(request, body);
      if (!request.url?.startsWith('/v1/ops/')) return told;
      return { ...told, body: { ...(told.body as object), outcome: 'superseded' } };
    };
    const { exitCode, stdout, stderr } = await runRingctl(['decommission'], { RINGCTL_HTTP: node.origin });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^ringctl: the decommission \S+ was closed by a forced removal, and .* unmoved\. .*\n$/);
  });

  it('takes the token from its file before the environment, and sends none where there is none', async () => {
    const node = await startAnsweringNode();
    const env = { RINGCTL_HTTP: node.origin, MURMURING_HTTP_TOKEN: 'of-environment' };
    await runRingctl(['ops', '--token-file', fileWith('of-file\n')], env);
    await runRingctl(['ops'], env);
    await runRingctl(['ops'], { RINGCTL_HTTP: node.origin });
    expect(node.requests.map((request) => request.headers.authorization)).toEqual([
      'Bearer of-file',
      'Bearer of-environment',
      undefined,
    ]);
  });

  it('sends replication as JSON and a document as the text that it is', async () => {
    const node = await startAnsweringNode();
    const env = { RINGCTL_HTTP: node.origin };
    const document = '\ufeff{"name":"Größe"}\r\n';
    await runRingctl(
      ['schema', 'put', 'keyspace', 'users', '--replication', '{"class":"SimpleStrategy","replication_factor":3}'],
      env,
    );
    await runRingctl(['schema', 'put', 'document', 'orders.avsc', fileWith(document)], env);
    expect(node.requests.map(({ body, headers }) => [headers['content-type'], body])).toEqual([
      ['application/json; charset=utf-8', '{"replication":{"class":"SimpleStrategy","replication_factor":3}}'],
      ['text/plain; charset=utf-8', document],
    ]);
  });

  it('asks for keys as they are, whatever characters they have', async () => {
    const node = await startAnsweringNode();
    await runRingctl(['route', 'a/b ?&=#ö'], { RINGCTL_HTTP: node.origin });
    expect(new URL(node.requests[0]!.url, node.origin).searchParams.get('key')).toBe('a/b ?&=#ö');
  });

  it('shows its own version without asking a node', async () => {
    expect(await runRingctl(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});
