import { Counter, Gauge, Registry } from 'prom-client';
import type { NodePort } from './node-port.ts';

/** What only the process knows. */
export interface MeasuredProcess {
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  /** Clients that follow this node. */
  readonly listeners: number;
  readonly wallMs: number;
}

/** What is not known is not told. */
type Sample = readonly [value: number | null, labels?: Readonly<Record<string, string>>];

/**
 * `/metrics`, in Prometheus' text format: this node alone, as it sees the others. Never fails. No label is a host, so the
 * number of series does not grow with the cluster; who it is that is dead say `status` and `why`. The metrics are made for
 * each answer of what the node knows then, and none of them outlives it.
 */
export function metricsView(port: NodePort, measured: MeasuredProcess): Promise<string> {
  const self = port.self();
  const ring = port.ring();
  const hosts = port.members();
  const members = hosts.filter(({ state }) => state !== null);
  const owners = members.filter(({ owner }) => owner);
  const own = hosts.find(({ hostId }) => hostId === self.hostId);
  const [open] = port.operations();
  const schema = port.schema();
  const traffic = port.counters();
  const rumors = port.rumors();
  const registry = new Registry();
  const add = (metric: string, type: 'gauge' | 'counter', help: string, ...samples: readonly Sample[]): void => {
    const known = samples.filter((sample): sample is [number, Sample[1]] => sample[0] !== null);
    if (known.length === 0) return;
    const labelNames = Object.keys(known[0]![1] ?? {});
    const options = { name: `murmuring_${metric}`, help, labelNames, registers: [registry] };
    const made = type === 'gauge' ? new Gauge(options) : new Counter(options);
    for (const [value, labels = {}] of known) made.inc(labels, value);
  };

  add('info', 'gauge', 'Always 1; says which node this is.', [
    1,
    { cluster: self.cluster, datacenter: self.datacenter, rack: self.rack, version: self.releaseVersion },
  ]);
  add('ready', 'gauge', '1 while this node is ready, as /readyz says.', [Number(port.ready().ready)]);
  add('uptime_seconds', 'gauge', 'Since this process started.', [self.uptimeMs / 1_000]);
  add(
    'mode',
    'gauge',
    '1 for how this node means to serve.',
    ...(['ok', 'overloaded', 'drained', 'restarting'] as const).map(
      (mode): Sample => [own === undefined ? null : Number(own.mode === mode), { mode }],
    ),
  );
  add(
    'members',
    'gauge',
    'Members of the ring, by how this node sees them.',
    ...(['alive', 'suspect', 'dead'] as const).map(
      (liveness): Sample => [members.filter((member) => member.liveness === liveness).length, { liveness }],
    ),
  );
  add('owners', 'gauge', 'Members that own tokens. Without a majority of them alive the ring is frozen.', [
    owners.length,
  ]);
  add('owners_alive', 'gauge', 'Owners that are not dead.', [
    owners.filter(({ liveness }) => liveness !== 'dead').length,
  ]);
  add('ring_epoch', 'gauge', 'Epoch of the ring that this node holds.', [ring?.epoch ?? null]);
  add('ring_fingerprint', 'gauge', 'Differs between nodes while they hold different rings.', [
    ring === null ? null : numberOf(ring.ringFingerprint),
  ]);
  add('ring_forked', 'gauge', '1 while another history of the ring is shown.', [
    ring === null ? null : Number(ring.fork !== null),
  ]);
  add('operation_open', 'gauge', '1 while an operation of the ring is open.', [Number(open !== undefined)]);
  add('operation_age_seconds', 'gauge', 'Since the open operation began; 0 where none is open.', [
    open === undefined ? 0 : Math.max(0, measured.wallMs - open.beganAtMs) / 1_000,
  ]);
  add('schema_version', 'gauge', 'Differs between nodes while they hold different schemas.', [
    numberOf(schema.version),
  ]);
  add('schema_definitions', 'gauge', 'Definitions, dropped ones included; at most 4096.', [schema.definitions.length]);
  add('load_bytes', 'gauge', 'What the application says to hold.', [own?.load ?? null]);
  add('sent_frames_total', 'counter', 'Frames sent on the gossip port.', [traffic.sentFrames]);
  add('sent_bytes_total', 'counter', 'Bytes sent on the gossip port.', [traffic.sentBytes]);
  add('received_frames_total', 'counter', 'Frames received on the gossip port.', [traffic.receivedFrames]);
  add('received_bytes_total', 'counter', 'Bytes received on the gossip port.', [traffic.receivedBytes]);
  add(
    'rejected_frames_total',
    'counter',
    'Frames that were dropped, by reason.',
    ...Object.entries(traffic.rejected).map(([reason, count]): Sample => [count, { reason }]),
  );
  const ofRumors = (pick: (queue: (typeof rumors)[number]) => number): Sample[] =>
    rumors.map((queue) => [pick(queue), { class: queue.rumorClass }]);
  add('rumors_waiting', 'gauge', 'Rumors that wait to be sent.', ...ofRumors(({ waiting }) => waiting));
  add('rumor_bytes_total', 'counter', 'Bytes of rumors sent.', ...ofRumors(({ sentBytes }) => sentBytes));
  add('rumors_dropped_total', 'counter', 'Rumors left to anti-entropy.', ...ofRumors(({ dropped }) => dropped));
  add('event_listeners', 'gauge', 'Clients that follow this node.', [measured.listeners]);
  add('resident_memory_bytes', 'gauge', 'Resident memory of this process.', [measured.residentBytes]);
  add('heap_used_bytes', 'gauge', 'JavaScript heap in use.', [measured.heapUsedBytes]);
  return registry.metrics();
}

/** The first 48 bits of a hash in hex: a number that a metric holds exactly, and a label would be a series for each. */
function numberOf(hex: string): number {
  return Number.parseInt(hex.replaceAll('-', '').slice(0, 12), 16);
}
