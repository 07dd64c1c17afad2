import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRingctl, startAnsweringNode } from './run-ringctl.ts';

const replication = '{"class":"SimpleStrategy","replication_factor":3}';
const operationId = 'a0000000-0000-4000-8000-000000000001';
const host = '22222222-1111-4111-8111-111111111111';
const document = join(import.meta.dirname, 'orders.avsc');

/** Transcript → the commands in it. `UPDATE_TRANSCRIPTS=1` writes the files anew: read every line before a commit. */
const transcripts: Record<string, string[][]> = {
  status: [['status'], ['status', 'users'], ['status', '--keyspace', 'users']],
  ring: [['ring'], ['ring', 'users']],
  history: [['history']],
  info: [['info'], ['info', '--tokens']],
  gossipinfo: [['gossipinfo']],
  describecluster: [['describecluster']],
  getendpoints: [['getendpoints', 'users', 'alice']],
  describering: [['describering', 'users']],
  failuredetector: [['failuredetector']],
  why: [
    ['why', '10.0.0.2:7600'],
    ['why', '10.0.0.4:7600'],
  ],
  route: [
    ['route', 'alice'],
    ['route', 'alice', '--keyspace', 'users'],
  ],
  ops: [['ops'], ['ops', 'abort', operationId], ['ops', 'abort', 'x'], ['ops', 'resume', operationId]],
  plan: [
    ['plan', 'decommission'],
    ['plan', 'add', '--tokens', '1'],
    ['plan', 'replace'],
  ],
  changes: [
    ['decommission'],
    ['decommission', '--no-wait', '--force'],
    ['move', '-42'],
    ['move', 'middle'],
    ['removenode', 'status'],
    ['removenode', host],
    ['removenode', host, '--force'],
    ['removenode', 'nobody'],
    ['alter', 'users', '--replication', replication],
    ['alter', 'users', '--replication', 'three'],
    ['join'],
    ['drain'],
    ['planrestart', '--lease', '90s'],
    ['assassinate', host],
    ['assassinate', host, '--force'],
    ['readmit', host],
    ['ring', 'adopt', 'b0000000-0000-4000-8000-000000000001'],
  ],
  schema: [
    ['schema', 'show'],
    ['schema', 'put', 'keyspace', 'users', '--replication', replication],
    ['schema', 'put', 'document', 'orders.avsc', document],
    ['schema', 'drop', 'keyspace', 'users'],
    ['schema', 'drop', 'document', 'a b'],
    ['schema', 'agree'],
    ['schema', 'agree', '--timeout', '1500ms'],
  ],
  version: [['version']],
  help: [['--help'], ['status', '--help']],
};

describe('ringctl prints what users of nodetool recognise', () => {
  it.each(Object.keys(transcripts))('%s', async (name) => {
    const node = await startAnsweringNode();
    let text = '';
    for (const argv of transcripts[name]!) {
      const { exitCode, stdout, stderr } = await runRingctl(argv, { RINGCTL_HTTP: node.origin });
      const shown = argv.map((word) => (word === document ? 'orders.avsc' : /[ {]/.test(word) ? `'${word}'` : word));
      text += `$ ringctl ${shown.join(' ')}\n${stdout}${stderr === '' ? '' : `stderr: ${stderr}`}exit code ${exitCode}\n\n`;
    }
    const file = join(import.meta.dirname, 'transcripts', `${name}.txt`);
    if (process.env.UPDATE_TRANSCRIPTS === '1') writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });
});
