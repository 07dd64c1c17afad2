import { expect, it } from 'vitest';
import { metricsView } from '../../src/http/metrics-view.ts';
import { FakeNodePort, hosts, uuid } from './fake-node-port.ts';

const measured = { residentBytes: 5e7, heapUsedBytes: 3e7, listeners: 2, wallMs: 1_000_000 };
const sample = /^(murmuring_[a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?\d[\d.e+]*)$/;

const metricsOf = async (port: FakeNodePort): Promise<Map<string, number>> =>
  new Map(
    (await metricsView(port, measured))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name, labels = '', value] = sample.exec(line) ?? [];
        expect(name, line).toBeDefined();
        return [`${name}${labels}`, Number(value)];
      }),
  );

it('every sample is one that Prometheus reads, with help and type before it, and none names a host', async () => {
  const text = await metricsView(new FakeNodePort(), measured);
  const described = new Set<string>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, of] = /^# TYPE (\S+) (?:gauge|counter)$/.exec(line) ?? [];
    if (of !== undefined) described.add(of);
    else if (!line.startsWith('# HELP ')) expect(described, line).toContain(sample.exec(line)?.[1]);
    if (of !== undefined) expect(line.endsWith('counter'), line).toBe(of.endsWith('_total'));
  }
  for (const host of hosts) expect(text).not.toContain(host);
  expect(text).not.toContain('10.0.0.');
});

it('tells who lives, whether the ring can change, and what stands still', async () => {
  const port = new FakeNodePort();
  const idle = await metricsOf(port);
  expect(idle.get('murmuring_members{liveness="alive"}')).toBe(2);
  expect(idle.get('murmuring_members{liveness="dead"}')).toBe(1);
  expect([idle.get('murmuring_owners'), idle.get('murmuring_owners_alive')]).toEqual([3, 2]);
  expect([idle.get('murmuring_ring_epoch'), idle.get('murmuring_ring_forked')]).toEqual([7, 0]);
  expect([idle.get('murmuring_operation_open'), idle.get('murmuring_operation_age_seconds')]).toEqual([0, 0]);
  expect(idle.get('murmuring_event_listeners')).toBe(2);
  port.open = [
    {
      operationId: uuid(60),
      kind: 'decommission',
      step: 'begin',
      subjects: [],
      replaces: null,
      strict: true,
      beginEpoch: 7,
      stepEpoch: 7,
      beganAtMs: measured.wallMs - 90_000,
      waitingFor: [],
    },
  ];
  const open = await metricsOf(port);
  expect([open.get('murmuring_operation_open'), open.get('murmuring_operation_age_seconds')]).toEqual([1, 90]);
});

it('another schema is another number, and so nodes that disagree show it', async () => {
  const port = new FakeNodePort();
  const before = (await metricsOf(port)).get('murmuring_schema_version');
  expect((await metricsOf(port)).get('murmuring_schema_version')).toBe(before);
  port.schemaView = { ...port.schemaView, version: '00000000-0001-4000-8000-000000000070' };
  expect((await metricsOf(port)).get('murmuring_schema_version')).not.toBe(before);
});

it('a node that knows no ring yet has metrics all the same', async () => {
  const port = new FakeNodePort();
  port.knowsRing = false;
  port.waitingFor = ['a seed'];
  const metrics = await metricsOf(port);
  expect(metrics.get('murmuring_ready')).toBe(0);
  expect(metrics.has('murmuring_ring_epoch')).toBe(false);
});
