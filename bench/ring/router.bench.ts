import { bench, describe } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { Router } from '../../src/ring/router.ts';
import { driverLookUp } from '../../test/ring/driver-judge.ts';
import { carriedKeys, eightRacks, randomRing } from '../../test/ring/rings.ts';

const texts = carriedKeys();
const buffers = texts.map((text) => Buffer.from(text));
const network = { class: 'NetworkTopologyStrategy', dc1: 3 };
const rings = {
  '8 nodes, 16 tokens each': eightRacks(),
  '100 nodes, 16 tokens each': randomRing(100, 16, new SeededRandom(1), (index) => ({
    datacenter: 'dc1',
    rack: `rack${index % 4}`,
  })),
};

for (const [name, members] of Object.entries(rings)) {
  const router = new Router({
    natural: members,
    change: null,
    epoch: 1,
    ringFingerprint: '0000000000000001',
    keyspaces: new Map([['network', network]]),
    knownDatacenters: ['dc1'],
  });
  const driver = driverLookUp(members, network);

  describe(`key → 3 replicas, ${name}, 500 real names an iteration`, () => {
    bench('Router.replicasOf, bytes', () => {
      for (const bytes of buffers) router.replicasOf(bytes, 'network');
    });
    bench('Router.replicasOf, text', () => {
      for (const text of texts) router.replicasOf(text, 'network');
    });
    bench('Router.route, text', () => {
      for (const text of texts) router.route(text, 'network');
    });
    bench('cassandra-driver getReplicas, bytes', () => {
      for (const bytes of buffers) driver(bytes);
    });
  });
}
