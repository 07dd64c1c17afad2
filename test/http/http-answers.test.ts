import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { DescribeCluster } from '../../src/api/describe-cluster.ts';
import { DescribeRing } from '../../src/api/describe-ring.ts';
import { Endpoints } from '../../src/api/endpoints.ts';
import { ErrorBody } from '../../src/api/error-body.ts';
import { FailureDetector } from '../../src/api/failure-detector.ts';
import { GossipInfo } from '../../src/api/gossip-info.ts';
import { Guard } from '../../src/api/guard.ts';
import { History } from '../../src/api/history.ts';
import { Info } from '../../src/api/info.ts';
import { Operations } from '../../src/api/operations.ts';
import { paths, pathWith } from '../../src/api/paths.ts';
import { Ready } from '../../src/api/ready.ts';
import { Ring } from '../../src/api/ring.ts';
import { RingSnapshot } from '../../src/api/ring-snapshot.ts';
import { Route } from '../../src/api/route.ts';
import { Schema } from '../../src/api/schema.ts';
import { SchemaAgreement } from '../../src/api/schema-agreement.ts';
import { Status } from '../../src/api/status.ts';
import { Why } from '../../src/api/why.ts';
import { sharedApp } from './app-of.ts';
import { hosts, uuid } from './fake-node-port.ts';

/** Every answer of a GET, with a request that leads to it. */
const reads: readonly (readonly [path: string, schema: TSchema])[] = [
  [paths.status, Status],
  [pathWith(paths.status, { keyspace: 'users' }), Status],
  [paths.ring, Ring],
  [paths.history, History],
  [paths.info, Info],
  [paths.gossipInfo, GossipInfo],
  [paths.describeCluster, DescribeCluster],
  [pathWith(paths.getEndpoints, { keyspace: 'users', key: 'a' }), Endpoints],
  [pathWith(paths.describeRing, { keyspace: 'users' }), DescribeRing],
  [paths.failureDetector, FailureDetector],
  [pathWith(paths.why, { node: hosts[1] }), Why],
  [pathWith(paths.why, { node: '10.0.0.3:7600' }), Why],
  [pathWith(paths.route, { key: 'a' }), Route],
  [pathWith(paths.route, { keyBase64: 'YQ==', keyspace: 'users' }), Route],
  [pathWith(paths.guard, { key: 'a', epoch: 7 }), Guard],
  [pathWith(paths.guard, { keyBase64: 'YQ==', keyspace: 'users', epoch: 8 }), Guard],
  [paths.ops, Operations],
  [paths.schema, Schema],
  [paths.schemaAgreement, SchemaAgreement],
  [paths.snapshot, RingSnapshot],
  [paths.readyz, Ready],
];

describe('what the HTTP API reads', () => {
  const { port, app } = sharedApp();
  beforeAll(() => {
    const position = { epoch: 6, lineage: uuid(90), chainHash: 'd'.repeat(32) };
    port.fork = { mine: position, theirs: { ...position, chainHash: 'e'.repeat(32) }, witness: uuid(3) };
    port.beginBootstrap();
  });

  it.each(reads)('GET %s answers exactly what its schema says', async (path, schema) => {
    const answer = await app().inject(path);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(Errors(schema, answer.json())).toEqual([]);
    // The schema must be a real judge: it refuses a property more and a property less.
    const body: Record<string, unknown> = answer.json();
    const [name] = Object.keys(body);
    expect(Check(schema, { ...body, more: 1 })).toBe(false);
    expect(Check(schema, { ...body, [name!]: undefined })).toBe(false);
  });

  it('OpenAPI names every path and the same answers', async () => {
    const document = (await app().inject(paths.openApi)).json();
    const named = Object.values(paths)
      .filter((path) => path !== paths.openApi)
      .map((path) => path.replace(/:(\w+)/g, '{$1}'));
    expect(Object.keys(document.paths).sort()).toEqual(named.sort());
    const status = document.paths['/v1/status'].get.responses['200'].content['application/json'].schema;
    expect(Object.keys(status.properties)).toEqual(Object.keys(Status.properties));
    expect(status.additionalProperties).toBe(false);
  });
});

describe('what the HTTP API refuses', () => {
  const { port, app, logged } = sharedApp();

  it.each([
    ['/v1/route?key=', 400, 'INVALID_KEY'],
    ['/v1/route', 400, 'INVALID_ARGUMENT'],
    ['/v1/route?key=a&keyBase64=YQ==', 400, 'INVALID_ARGUMENT'],
    ['/v1/route?key=%FF', 400, 'INVALID_ARGUMENT'],
    ['/v1/route?key=a&key=b', 400, 'INVALID_ARGUMENT'],
    ['/v1/route?key=a&__proto__=b', 400, 'INVALID_ARGUMENT'],
    ['/v1/route?key=a&keyspace=nope', 404, 'UNKNOWN_KEYSPACE'],
    ['/v1/guard?key=a', 400, 'INVALID_ARGUMENT'],
    ['/v1/guard?key=a&epoch=-1', 400, 'INVALID_ARGUMENT'],
    ['/v1/guard?key=a&epoch=7&keyspace=nope', 404, 'UNKNOWN_KEYSPACE'],
    ['/v1/guard?key=a&epoch=6', 409, 'STALE_ROUTE'],
    ['/v1/status?keyspac=users', 400, 'INVALID_ARGUMENT'],
    ['/v1/getendpoints?keyspace=users', 400, 'INVALID_ARGUMENT'],
    ['/v1/describering?keyspace=nope', 404, 'UNKNOWN_KEYSPACE'],
    ['/v1/describecluster?timeoutMs=soon', 400, 'INVALID_ARGUMENT'],
    ['/v1/nothing', 404, 'NOT_FOUND'],
    ['/v1/%ZZ', 400, 'INVALID_ARGUMENT'],
  ])('GET %s is refused with %i %s and a hint', async (path, status, code) => {
    const answer = await app().inject(path);
    expect(Errors(ErrorBody, answer.json())).toEqual([]);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
    expect(logged()).toEqual([]);
  });

  it.each([
    ['keyspaces', 'application/json', '{"replication":{"class":true}}', 400, 'INVALID_ARGUMENT'],
    ['keyspaces', 'application/json', '{"replication":{},"more":1}', 400, 'INVALID_ARGUMENT'],
    ['keyspaces', 'application/json', '{', 400, 'INVALID_ARGUMENT'],
    ['keyspaces', 'text/plain', '{"replication":{}}', 400, 'INVALID_ARGUMENT'],
    ['keyspaces', 'application/json', `{"replication":{"class":"${'x'.repeat(70_000)}"}}`, 413, 'TOO_LARGE'],
    ['documents', 'application/json', '{}', 400, 'INVALID_ARGUMENT'],
    ['documents', 'text/plain', Buffer.from([0xff, 0xfe]), 400, 'INVALID_ARGUMENT'],
    ['documents', 'text/plain', 'x'.repeat(300 * 1024 + 1), 413, 'TOO_LARGE'],
  ])('PUT %s as %s is refused when its body is not what it takes', async (kind, type, payload, status, code) => {
    const url = `/v1/schema/${kind}/x`;
    const answer = await app().inject({ method: 'PUT', url, headers: { 'content-type': type }, payload });
    expect(answer.json().error).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
    expect(answer.statusCode).toBe(status);
    expect(port.calls).toEqual([]);
  });

  it.each([
    [
      '/v1/ops/x/abort',
      'POST',
      'application/x-www-form-urlencoded',
      'got a body of content type "application/x-www-form-urlencoded"',
    ],
    ['/v1/schema/documents/x', 'PUT', 'application/json', 'got a body of content type "application/json"'],
  ] as const)('%s %s as %s says which content type it got', async (url, method, type, message) => {
    const answer = await app().inject({ method, url, headers: { 'content-type': type }, payload: '{}' });
    expect(answer.json().error).toMatchObject({
      message,
      hint: expect.stringContaining('content-type: application/json'),
    });
  });

  it.each([
    ['/v1/plan?operation=grow', 'decommission, move, replace, add, removenode, alter'],
    ['/v1/plan?operation=add&rack=', 'rack'],
    ['/v1/plan?operation=add&datacenter=', 'datacenter'],
  ])('GET %s is refused, and told what is expected: %s', async (path, told) => {
    const answer = await app().inject(path);
    expect([answer.statusCode, answer.json().error.message]).toEqual([400, expect.stringContaining(told)]);
  });

  it.each([
    ['localhost:7601', 200],
    ['127.0.0.1', 200],
    ['[::1]:7601', 200],
    ['[::ffff:127.0.0.1]:7601', 200],
    ['evil.example:7601', 401],
    ['127.0.0.1.evil.example', 401],
  ])('on loopback without a token a request to the host %s gets %i', async (host, status) => {
    expect((await app().inject({ url: paths.status, headers: { host } })).statusCode).toBe(status);
  });
});
