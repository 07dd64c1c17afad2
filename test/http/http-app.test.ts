import { Check, Errors } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { OperationStanding, Operations } from '../../src/api/operations.ts';
import { paths, pathWith } from '../../src/api/paths.ts';
import { Adopted, NodeTold, OperationBegun, RecordDecided } from '../../src/api/ring-change.ts';
import { SchemaChange } from '../../src/api/schema.ts';
import { appOf } from './app-of.ts';
import { FakeNodePort, hosts, uuid } from './fake-node-port.ts';

describe('the HTTP API', () => {
  it('fixed for scripts: status, route and ring have the names of the issue', async () => {
    const { app } = await appOf(new FakeNodePort());
    const status = (await app.inject(paths.status)).json();
    expect(status).toMatchObject({ cluster: 'test', clusterId: uuid(80), epoch: 7, ringFingerprint: 'f7' });
    expect(status.nodes[1]).toMatchObject({
      hostId: hosts[1],
      address: '10.0.0.2:7600',
      httpAddress: '10.0.0.2:7601',
      datacenter: 'dc1',
      rack: 'rack2',
      liveness: 'dead',
      state: 'normal',
      tokens: 2,
      load: null,
      generation: 1_700_000_002,
      version: 20,
      schemaVersion: uuid(70),
    });
    const route = (await app.inject(pathWith(paths.route, { key: 'foo', keyspace: 'users' }))).json();
    expect(route).toMatchObject({ key: 'foo', token: '-2129773440516405919', keyspace: 'users', epoch: 7 });
    expect(route.replicas).toEqual([
      { hostId: hosts[2], address: '10.0.0.3:7600', liveness: 'alive', mode: 'ok' },
      { hostId: hosts[0], address: '10.0.0.1:7600', liveness: 'alive', mode: 'ok' },
    ]);
    expect(route.pending).toEqual([]);
    expect((await app.inject(pathWith(paths.route, { key: 'foo' }))).json()).toMatchObject({ keyspace: null });
    expect((await app.inject(paths.ring)).json().tokens[0]).toMatchObject({ token: '-6000000000000000000' });
  });

  it('changes the schema as it was told, and answers the version', async () => {
    const port = new FakeNodePort();
    const { app } = await appOf(port);
    const replication = { class: 'NetworkTopologyStrategy', dc1: 3 };
    const answers = [
      await app.inject({ method: 'PUT', url: '/v1/schema/keyspaces/k%20s', payload: { replication } }),
      await app.inject({
        method: 'PUT',
        url: '/v1/schema/documents/d',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        payload: '\ufeff{"ä": 1}',
      }),
      await app.inject({ method: 'DELETE', url: '/v1/schema/keyspaces/ks' }),
      await app.inject({ method: 'DELETE', url: '/v1/schema/documents/d' }),
    ];
    for (const answer of answers) {
      expect(answer.statusCode, answer.body).toBe(200);
      expect(Errors(SchemaChange, answer.json())).toEqual([]);
    }
    expect(port.calls).toEqual([
      ['putKeyspace', 'k s', replication],
      ['putDocument', 'd', '\ufeff{"ä": 1}'],
      ['dropDefinition', 'keyspace', 'ks'],
      ['dropDefinition', 'document', 'd'],
    ]);
  });

  it.each([
    ['decommission', {}, ['begin', { operation: 'decommission', hostId: uuid(1) }, false]],
    ['decommission', { hostId: uuid(3), force: true }, ['begin', { operation: 'decommission', hostId: uuid(3) }, true]],
    ['move', { token: '-42' }, ['begin', { operation: 'move', hostId: uuid(1), tokens: [-42n] }, false]],
    ['removenode', { hostId: uuid(2) }, ['begin', { operation: 'removenode', hostId: uuid(2) }, false]],
    [
      'alter',
      { keyspace: 'users', replication: { class: 'SimpleStrategy', replication_factor: 3 } },
      [
        'begin',
        {
          operation: 'alterReplication',
          keyspace: 'users',
          replication: { class: 'SimpleStrategy', replication_factor: 3 },
        },
        false,
      ],
    ],
    ['assassinate', { hostId: uuid(2), force: true }, ['assassinate', uuid(2), true]],
    ['readmit', { hostId: uuid(2) }, ['readmit', uuid(2), false]],
    ['ring/adopt', { lineage: uuid(91) }, ['adopt', uuid(91)]],
    ['join', {}, ['join']],
    ['drain', {}, ['drain']],
    ['planrestart', { leaseMs: 60_000 }, ['planRestart', 60_000]],
  ])('POST /v1/%s with %j asks the node for just that', async (name, body, call) => {
    const port = new FakeNodePort();
    const { app } = await appOf(port);
    const done = await app.inject({ method: 'POST', url: `/v1/${name}`, payload: body });
    expect(done.statusCode).toBe(200);
    expect(port.calls).toEqual([call]);
    const answers = [OperationBegun, RecordDecided, Adopted, NodeTold];
    expect(answers.filter((answer) => Check(answer, done.json()))).toHaveLength(1);
  });

  it.each([
    ['drain', undefined],
    ['join', undefined],
    ['decommission', undefined],
    ['decommission', { hostId: 'n1' }],
    ['decommission', { everybody: true }],
    ['move', {}],
    ['move', { token: 42 }],
    ['removenode', {}],
    ['removenode', { hostId: uuid(2), force: true }],
    ['assassinate', { hostId: uuid(2), force: 'yes' }],
    ['planrestart', { leaseMs: 3_600_001 }],
    ['ring/adopt', { lineage: 'mine' }],
  ])('POST /v1/%s with %j is refused, and asks the node for nothing', async (name, body) => {
    const port = new FakeNodePort();
    const { app } = await appOf(port);
    const request = { method: 'POST' as const, url: `/v1/${name}` };
    const refused = await app.inject(body === undefined ? request : { ...request, payload: body });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
    expect(port.calls).toEqual([]);
  });

  it('resumes an operation, and shows how far each participant is', async () => {
    const port = new FakeNodePort();
    port.beginBootstrap();
    const { app } = await appOf(port);
    const done = await app.inject({ method: 'POST', url: pathWith(paths.resumeOperation, { id: uuid(61) }) });
    expect(Check(Operations, done.json())).toBe(true);
    expect(port.calls).toEqual([['resume', uuid(61)]]);
    expect(done.json().operations[0].participants).toEqual([
      { hostId: uuid(3), address: '10.0.0.3:7600', movements: 4, done: 1, progress: 0.375, failed: 'disk full' },
    ]);
  });

  it('aborts an operation, and says which one is unknown', async () => {
    const port = new FakeNodePort();
    port.beginBootstrap();
    const { app } = await appOf(port);
    const unknown = await app.inject({ method: 'POST', url: pathWith(paths.abortOperation, { id: 'x' }) });
    expect([unknown.statusCode, unknown.json().error.code]).toEqual([404, 'UNKNOWN_OPERATION']);
    const done = await app.inject({ method: 'POST', url: pathWith(paths.abortOperation, { id: uuid(61) }) });
    expect([done.statusCode, done.json().operations]).toEqual([200, []]);
  });

  it('shows an operation as superseded that neither ended nor was aborted: a forced removal closed it', async () => {
    const port = new FakeNodePort();
    const { app } = await appOf(port);
    const [found, begin] = port.history().records;
    const closedBy = async (kind: 'end' | 'abort' | 'remove'): Promise<unknown> => {
      const operationId = kind === 'remove' ? uuid(62) : uuid(61);
      const records = [found, { ...begin, operationId: uuid(61) }, { ...begin, operationId, kind, operation: null }];
      port.history = () => ({ prefixEpoch: 0, records }) as never;
      const answer = (await app.inject(pathWith(paths.operation, { id: uuid(61) }))).json();
      expect(Errors(OperationStanding, answer)).toEqual([]);
      return answer.outcome;
    };
    expect([await closedBy('end'), await closedBy('abort'), await closedBy('remove')]).toEqual([
      'ended',
      'aborted',
      'superseded',
    ]);
  });

  it('schema agreement asks again until all agree', async () => {
    const port = new FakeNodePort();
    const all = await port.survey(1);
    const late = {
      ...all,
      answers: all.answers.map((each, n) => (n === 1 ? { ...each, schemaVersion: uuid(71) } : each)),
    };
    port.surveys = [late, all];
    const { app } = await appOf(port);
    expect((await app.inject(paths.schemaAgreement)).json()).toMatchObject({ agreed: true });
    port.surveys = [late];
    const answer = await app.inject(pathWith(paths.schemaAgreement, { timeoutMs: 0 }));
    expect(answer.json()).toMatchObject({ agreed: false, differing: [{ hostId: hosts[2], schemaVersion: uuid(71) }] });
  });

  it('a fault of our own tells nothing outside, and is logged', async () => {
    const port = new FakeNodePort();
    port.operations = () => {
      throw new TypeError('secret detail');
    };
    const { app, logged } = await appOf(port);
    const answer = await app.inject(paths.ops);
    expect([answer.statusCode, answer.json().error.code]).toEqual([500, 'INTERNAL']);
    expect(answer.body).not.toContain('secret detail');
    expect(logged).toMatchObject([{ err: expect.any(TypeError) }]);
  });

  it('readiness is about this node alone; health needs neither ring nor token', async () => {
    const port = new FakeNodePort();
    port.knowsRing = false;
    port.waitingFor = ['the seed 10.0.0.9:7600'];
    const { app } = await appOf(port, { bearerToken: 'right', loopback: false });
    expect((await app.inject(paths.healthz)).statusCode).toBe(200);
    const unready = await app.inject(paths.readyz);
    expect([unready.statusCode, unready.json()]).toEqual([503, { ready: false, waitingFor: [] }]);
    for (const [url, status] of [
      [paths.healthz, 200],
      [paths.readyz, 503],
    ] as const) {
      const head = await app.inject({ method: 'HEAD', url });
      expect([head.statusCode, head.body]).toEqual([status, '']);
    }
    const headers = { authorization: 'Bearer right' };
    expect((await app.inject({ url: paths.readyz, headers })).json().waitingFor).toEqual(port.waitingFor);
    expect((await app.inject({ url: paths.info, headers })).statusCode).toBe(200);
    expect((await app.inject({ url: paths.status, headers })).statusCode).toBe(503);
    expect((await app.inject({ url: paths.events, headers })).json().error.code).toBe('UNAVAILABLE');
  });

  it('asks for the token on every other path, unknown ones included', async () => {
    const { app } = await appOf(new FakeNodePort(), { bearerToken: 'right', loopback: true });
    for (const url of [paths.status, paths.events, paths.metrics, paths.openApi, '/v1/nothing']) {
      for (const authorization of [undefined, 'Bearer wrong', 'Bearer ', 'Basic right', 'right']) {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await app.inject({ url, headers });
        expect([answer.statusCode, answer.json().error.code], `${url} ${authorization}`).toEqual([401, 'UNAUTHORIZED']);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
    }
    const admitted = await app.inject({ url: paths.status, headers: { authorization: 'bearer right' } });
    expect(admitted.statusCode).toBe(200);
  });
});
