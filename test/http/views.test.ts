import { describe, expect, it } from 'vitest';
import { routerOf } from '../../src/api/router-of.ts';
import { clusterView } from '../../src/http/cluster-view.ts';
import { gossipInfoView } from '../../src/http/gossip-view.ts';
import { keyOfBase64, routeView } from '../../src/http/routing-view.ts';
import { agreementView, schemaView } from '../../src/http/schema-view.ts';
import { snapshotView } from '../../src/http/snapshot-view.ts';
import { ringView, statusView } from '../../src/http/status-view.ts';
import { FakeNodePort, hosts, uuid } from './fake-node-port.ts';

describe('views of the node', () => {
  it('status owns: raw shares without a keyspace, effective ones with it', () => {
    const port = new FakeNodePort();
    const sum = (keyspace: string | null): number =>
      statusView(port, keyspace).nodes.reduce((total, node) => total + node.owns, 0);
    expect(sum(null)).toBeCloseTo(1, 9);
    expect(sum('users')).toBeCloseTo(2, 9);
    expect(() => statusView(port, 'nope')).toThrow(expect.objectContaining({ code: 'UNKNOWN_KEYSPACE' }));
  });

  it('status leaves observers out, and shows a joiner that owns nothing with the operation', () => {
    const port = new FakeNodePort();
    port.beginBootstrap();
    port.memberViews.push({ ...port.memberViews[0]!, hostId: uuid(4), state: null, owner: false, tokens: [] });
    const status = statusView(port, null);
    expect(status.nodes.map((node) => [node.hostId, node.state, node.tokens])).toEqual([
      [hosts[0], 'normal', 2],
      [hosts[1], 'normal', 2],
      [hosts[2], 'joining', 1],
    ]);
    expect(status.nodes[2]!.owns).toBe(0);
    expect(status.operation).toContain(uuid(61));
  });

  it('ring lists tokens ascending by number, not by text', () => {
    const tokens = ringView(new FakeNodePort(), null).tokens.map((each) => each.token);
    expect(tokens).toEqual([
      '-6000000000000000000',
      '-3000000000000000000',
      '0',
      '3000000000000000000',
      '6000000000000000000',
    ]);
  });

  it('a client routes by the snapshot exactly as the node does, during a bootstrap too', () => {
    const port = new FakeNodePort();
    port.beginBootstrap();
    const router = routerOf(JSON.parse(JSON.stringify(snapshotView(port))));
    let pending = 0;
    for (let n = 0; n < 200; n++) {
      const own = routeView(port, `key${n}`, 'users');
      const theirs = router.route(`key${n}`, 'users');
      expect(theirs.replicas.map((each) => each.hostId)).toEqual(own.replicas.map((each) => each.hostId));
      expect(theirs.pending.map((each) => each.hostId)).toEqual(own.pending.map((each) => each.hostId));
      pending += own.pending.length;
    }
    expect(pending).toBeGreaterThan(0);
  });

  it('a key in bytes routes as its text, and is told back as base64', () => {
    const port = new FakeNodePort();
    const text = routeView(port, 'münchen', null);
    const bytes = routeView(port, keyOfBase64(Buffer.from('münchen').toString('base64')), null);
    expect(bytes).toEqual({ ...text, key: null, keyBase64: 'bcO8bmNoZW4=' });
    expect(keyOfBase64('+/ +')).toEqual(Buffer.from([0xfb, 0xff, 0xbe]));
    for (const bad of ['bcO8bmNoZW4', '====', 'ä', '-_-_']) {
      expect(() => keyOfBase64(bad), bad).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    }
  });

  it('gossipinfo sorts states by key; schema shows no tombstone', () => {
    const port = new FakeNodePort();
    expect(gossipInfoView(port).endpoints[0]!.states.map((state) => state.key)).toEqual(['DC', 'STATUS']);
    const schema = schemaView(port);
    expect(schema.keyspaces.map((each) => each.name)).toEqual(['users']);
    expect(schema.documents.map((each) => each.name)).toEqual(['limits']);
  });

  it('schema agreement needs every live member, and names who differs and who is dead', () => {
    const port = new FakeNodePort();
    const answer = (n: number, schemaVersion: string) => ({
      hostId: uuid(n),
      address: `10.0.0.${n}:7600`,
      schemaVersion,
      ringFingerprint: 'f7',
    });
    const dead = { hostId: uuid(2), address: '10.0.0.2:7600' };
    const agreed = { answers: [answer(1, uuid(70)), answer(3, uuid(70))], silent: [dead] };
    expect(agreementView(port, agreed)).toMatchObject({
      agreed: true,
      differing: [],
      unreachable: ['10.0.0.2:7600'],
      schemaVersions: { [uuid(70)]: ['10.0.0.1:7600', '10.0.0.3:7600'] },
    });
    const other = { answers: [answer(1, uuid(70)), answer(3, uuid(71))], silent: [dead] };
    expect(agreementView(port, other)).toMatchObject({
      agreed: false,
      differing: [{ hostId: uuid(3), address: '10.0.0.3:7600', schemaVersion: uuid(71) }],
    });
    const silent = { answers: [answer(1, uuid(70))], silent: [dead, { hostId: uuid(3), address: '10.0.0.3:7600' }] };
    expect(agreementView(port, silent)).toMatchObject({
      agreed: false,
      differing: [{ hostId: uuid(3), schemaVersion: null }],
    });
  });

  it('describecluster groups by what members said and counts the dead', async () => {
    const port = new FakeNodePort();
    expect(clusterView(port, await port.survey(1))).toMatchObject({
      schemaVersions: { [uuid(70)]: ['10.0.0.1:7600', '10.0.0.3:7600'] },
      unreachable: ['10.0.0.2:7600'],
      stats: { live: 2, joining: 0, moving: 0, leaving: 0, unreachable: 1 },
      datacenters: [{ name: 'dc1', nodes: 3, down: 1 }],
    });
  });

  it('a node without a ring says UNAVAILABLE and what it waits for', () => {
    const port = new FakeNodePort();
    port.knowsRing = false;
    port.waitingFor = ['seed 10.0.0.9:7600 is silent'];
    for (const view of [() => statusView(port, null), () => snapshotView(port), () => routeView(port, 'k', null)]) {
      expect(view).toThrow(
        expect.objectContaining({ code: 'UNAVAILABLE', message: expect.stringMatching(/10\.0\.0\.9/) }),
      );
    }
  });
});
