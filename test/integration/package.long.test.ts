import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { freshDirectory } from './processes.ts';

const root = resolve(import.meta.dirname, '../..');
const execute = promisify(execFile);

/** Uses all three doors as an application in TypeScript would, types included. */
const consumer = `
import { type MurmuringNode, type NodeOptions, RingError, startNode, tokenOf } from 'murmuring';
import { type ClientRoute, RingClient } from 'murmuring/client';
import { lanNetwork, World } from 'murmuring/sim';

const options: NodeOptions = { cluster: 'package', listen: '127.0.0.1:0', http: '127.0.0.1:0', data: 'data', logLevel: 'silent' };
const node: MurmuringNode = await startNode(options);
const client = await RingClient.connect({ contactPoints: [node.httpAddress!] });
const route: ClientRoute = client.route('ada');
const local: bigint = node.route('ada').token;
client.close();
await node.stop();
const refused: unknown = await startNode({ cluster: '' }).catch((error: unknown) => error);
console.log(
  JSON.stringify([
    route.token === local && local === tokenOf('ada'),
    refused instanceof RingError && refused.code,
    typeof World,
    typeof lanNetwork,
  ]),
);
`;

/**
 * What a library on top of murmuring exports: the compiler writes the types of all this into declarations, and refuses
 * those that no door names.
 */
const library = `
import type { MurmuringEvent, MurmuringNode } from 'murmuring';
import type { RingClient, RingClientEventOf } from 'murmuring/client';
import { World } from 'murmuring/sim';

export const ofNode = {
  members: (node: MurmuringNode) => node.members(),
  state: (node: MurmuringNode) => node.members()[0]!.state,
  liveness: (node: MurmuringNode) => node.members()[0]!.liveness,
  mode: (node: MurmuringNode) => node.route('ada').readOrder[0]!.mode,
  ring: (node: MurmuringNode) => node.ring(),
  change: (node: MurmuringNode) => node.ring()!.change,
  owners: (node: MurmuringNode) => node.ring()!.natural,
  route: (node: MurmuringNode) => node.route('ada'),
  ranges: (node: MurmuringNode) => node.ranges(),
  range: (node: MurmuringNode) => node.ranges()[0]!.range,
  schema: (node: MurmuringNode) => node.schema(),
  definitions: (node: MurmuringNode) => node.schema().definitions,
  survey: (node: MurmuringNode) => node.survey(),
  agreement: (node: MurmuringNode) => node.awaitSchemaAgreement(),
  move: (node: MurmuringNode) => node.move(5n),
  assassinate: (node: MurmuringNode) => node.assassinate('x'),
  plan: (node: MurmuringNode) => node.plan({ operation: 'add' }),
  operations: (node: MurmuringNode) => node.operations(),
  progress: (node: MurmuringNode) => node.operationProgress(),
  outcome: (node: MurmuringNode) => node.awaitOperation('x'),
  stopped: (node: MurmuringNode) => node.stopped,
  event: (event: MurmuringEvent) => event,
};
export const ofClient = {
  route: (client: RingClient) => client.route('ada'),
  routeWith: (client: RingClient) => client.route.bind(client),
  mode: (client: RingClient) => client.route('ada').readOrder[0]!.mode,
  members: (client: RingClient) => client.members(),
  state: (client: RingClient) => client.members()[0]!.state,
  ranges: (client: RingClient) => client.ranges(),
  agreement: (client: RingClient) => client.awaitSchemaAgreement(),
  fork: (event: RingClientEventOf<'fork'>) => event.seen,
};
export const ofWorld = { world: () => new World(1), nodes: (world: World) => world.nodes, network: (world: World) => world.network };
`;

/** Loads the client's door and prints the URL of every module on the way. */
const tracer = `
import { register } from 'node:module';
const hook = "import { writeSync } from 'node:fs'; export const load = (url, context, next) => (writeSync(1, url + '\\\\n'), next(url, context));";
register('data:text/javascript,' + encodeURIComponent(hook));
const { RingClient } = await import('murmuring/client');
await RingClient.connect({ contactPoints: ['127.0.0.1:1'], connectTimeoutMs: 1 }).catch(() => {});
`;

it('the packed tarball installs, type-checks strictly, opens its three doors and runs its commands', async () => {
  const directory = await freshDirectory();
  const shell = async (command: string, ...args: string[]): Promise<string> =>
    (await execute(command, args, { cwd: directory, env: { ...process.env, NODE_OPTIONS: '' } })).stdout;

  // The build is done by whoever runs the tests: rebuilding would pull dist from under the others.
  await execute('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], { cwd: root });
  const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(directory, 'package.json'), '{ "type": "module", "private": true }');
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const types = `@types/node@${devDependencies['@types/node']}`;
  await shell('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`, types);

  writeFileSync(join(directory, 'consumer.ts'), consumer);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const strict = ['--strict', '--skipLibCheck', 'false', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
  const modules = ['--target', 'es2022', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', 'node'];
  writeFileSync(join(directory, 'library.ts'), library);
  expect(await shell(process.execPath, tsc, ...strict, ...modules, '--declaration', 'consumer.ts', 'library.ts')).toBe(
    '',
  );
  expect(JSON.parse(await shell(process.execPath, 'consumer.js'))).toEqual([
    true,
    'INVALID_CONFIG',
    'function',
    'object',
  ]);

  writeFileSync(join(directory, 'tracer.js'), tracer);
  const loaded = await shell(process.execPath, 'tracer.js');
  const packages = new Set([...loaded.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map((match) => match[1]));
  expect([...packages].sort()).toEqual(['eventsource-parser', 'murmuring', 'typebox']);
  const folders = new Set([...loaded.matchAll(/murmuring\/dist\/(\w+)\//g)].map((match) => match[1]));
  expect([...folders].sort()).toEqual(['api', 'base', 'client', 'ring', 'token']);

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const command of ['murmurd', 'ringctl']) {
    expect((await shell(join(directory, 'node_modules/.bin', command), '--version')).trim()).toBe(version);
  }
  for (const name of ['README.md', 'LICENSE', 'SECURITY.md', 'CHANGELOG.md', 'docs', 'dist', 'bin', 'package.json']) {
    expect(readdirSync(join(directory, 'node_modules/murmuring'))).toContain(name);
  }
});
