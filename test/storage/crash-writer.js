/**
 * Run as a process of its own, to be killed: `crash-writer.js DIRECTORY commit` commits generation after generation and
 * says each one that was acknowledged; `crash-writer.js DIRECTORY save` saves a peer and speaks a second later. It uses
 * the built package, as a real process would.
 */
import { writeSync } from 'node:fs';
import { LevelStore } from '../../dist/storage/level-store.js';

const [, , directory, mode] = process.argv;
const uuid = (number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
const identityOf = (generation) => ({
  hostId: uuid(1),
  clusterName: 'flock',
  clusterId: uuid(2),
  generation,
  datacenter: 'dc1',
  rack: 'rack1',
});
const peerSeenAt = (lastSeenMs) => ({
  kind: 'peer',
  peer: { hostId: uuid(6), address: '127.0.0.1:7606', lastSeenMs, states: [] },
});

const store = await LevelStore.open(directory, { clusterName: 'flock' });
if (mode === 'save') {
  store.save(peerSeenAt(1));
  setTimeout(() => writeSync(1, '1\n'), 1_000);
  setInterval(() => {}, 1_000);
} else {
  const { identity } = await store.load();
  for (let generation = (identity?.generation ?? 0) + 1; ; generation++) {
    store.save(peerSeenAt(generation));
    await store.commit([
      { kind: 'identity', identity: identityOf(generation) },
      { kind: 'acceptor', acceptor: { epoch: 1, promised: null, accepted: null, commitNumber: generation } },
    ]);
    writeSync(1, `${generation}\n`);
  }
}
