import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../../src/http/server.ts';
import { FakeNodePort } from '../http/fake-node-port.ts';
import { runRingctl } from './run-ringctl.ts';

describe('ringctl and the real HTTP server', () => {
  let server: HttpServer;
  beforeAll(async () => {
    const listen = { host: '127.0.0.1', port: 0 };
    const logger = { error: () => {} };
    server = await startHttpServer({ listen, port: new FakeNodePort(), logger, bearerToken: null, insecure: false });
  });
  afterAll(() => server.close());

  it.each([
    'status',
    'status users',
    'ring',
    'ring users',
    'history',
    'info',
    'gossipinfo',
    'describecluster',
    'getendpoints users alice',
    'describering users',
    'failuredetector',
    'why 10.0.0.2:7600',
    'route alice',
    'route alice --keyspace users',
    'ops',
    'plan decommission',
    'plan move 42 --host 00000000-0000-4000-8000-000000000003',
    'plan replace 00000000-0000-4000-8000-000000000002 --rack rack9',
    'plan add --tokens 4',
    'plan removenode 00000000-0000-4000-8000-000000000002',
    'plan alter users --replication {"class":"SimpleStrategy","replication_factor":3}',
    'decommission --no-wait',
    'move 42 --no-wait',
    'removenode 00000000-0000-4000-8000-000000000002 --no-wait',
    'removenode status',
    'alter users --replication {"class":"SimpleStrategy","replication_factor":3} --no-wait',
    'join',
    'drain',
    'planrestart',
    'assassinate 00000000-0000-4000-8000-000000000002 --force',
    'readmit 00000000-0000-4000-8000-000000000002',
    'ring adopt 00000000-0000-4000-8000-000000000091',
    'schema show',
    'schema drop keyspace users',
    'schema drop document limits',
    'schema put keyspace fresh --replication {"class":"SimpleStrategy","replication_factor":3}',
    `schema put document some ${import.meta.dirname}/orders.avsc`,
    'schema agree --timeout 500ms',
    'version',
  ])('understand each other: %s', async (line) => {
    const env = { RINGCTL_HTTP: `http://${server.address}` };
    const run = await runRingctl(line.split(' '), env);
    expect(run).toEqual({ exitCode: 0, stdout: expect.stringMatching(/\n$/), stderr: '' });
    const json = await runRingctl([...line.split(' '), '--json'], env);
    expect(json).toMatchObject({ exitCode: 0, stderr: '' });
    expect(() => JSON.parse(json.stdout)).not.toThrow();
  });
});
