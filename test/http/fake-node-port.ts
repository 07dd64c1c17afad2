import { RingError } from '../../src/base/error.ts';
import type {
  EvidenceView,
  ForkView,
  MemberView,
  NodePort,
  NodePortEvent,
  OperationProgress,
  OperationView,
  SchemaView,
  SurveyView,
} from '../../src/http/node-port.ts';
import type { OperatorPort, RequestedOperation } from '../../src/http/operator-port.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { type OpenChange, Router } from '../../src/ring/router.ts';

/** A UUID that ends with `n`. */
export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const hosts = [uuid(1), uuid(2), uuid(3)] as const;
const version = uuid(70);

const member = (n: 1 | 2 | 3, tokens: bigint[], more: Partial<MemberView> = {}): MemberView => ({
  hostId: uuid(n),
  address: `10.0.0.${n}:7600`,
  httpAddress: `10.0.0.${n}:7601`,
  datacenter: 'dc1',
  rack: `rack${n}`,
  liveness: 'alive',
  mode: 'ok',
  state: 'normal',
  tokens,
  owner: true,
  load: 1_024 * n,
  generation: 1_700_000_000 + n,
  version: 10 * n,
  schemaVersion: version,
  releaseVersion: '0.1.0',
  ...more,
});

/** A node of a cluster of three, in memory: tests set what it knows and `emit` what moved. The second member is dead. */
export class FakeNodePort implements NodePort {
  readonly releaseVersion = '1.2.3';
  memberViews: MemberView[] = [
    member(1, [-6_000_000_000_000_000_000n, 3_000_000_000_000_000_000n]),
    member(2, [-3_000_000_000_000_000_000n, 6_000_000_000_000_000_000n], { liveness: 'dead', load: null }),
    member(3, [0n]),
  ];
  epoch = 7;
  joining: RingMember | null = null;
  fork: ForkView | null = null;
  open: OperationView[] = [];
  knowsRing = true;
  waitingFor: string[] = [];
  schemaView: SchemaView = {
    version,
    definitions: [
      {
        type: 'keyspace',
        name: 'users',
        stamp: { timeMs: 1_700_000_000_000, hostId: uuid(1) },
        replication: { class: 'SimpleStrategy', replication_factor: '2' },
        document: null,
      },
      {
        type: 'keyspace',
        name: 'dropped',
        stamp: { timeMs: 1_700_000_000_001, hostId: uuid(1) },
        replication: null,
        document: null,
      },
      {
        type: 'document',
        name: 'limits',
        stamp: { timeMs: 1_700_000_000_002, hostId: uuid(2) },
        replication: null,
        document: '{"max": 3}',
      },
    ],
  };
  surveys: SurveyView[] = [];
  readonly calls: unknown[][] = [];
  readonly operator = new FakeOperator(this);
  readonly #listeners = new Set<(event: NodePortEvent) => void>();

  self() {
    const { hostId, address, httpAddress, datacenter, rack, generation } = this.memberViews[0]!;
    const clusterId = this.knowsRing ? uuid(80) : null;
    const told = { hostId, address, httpAddress, datacenter, rack, generation };
    return { ...told, cluster: 'test', clusterId, releaseVersion: '0.1.0', uptimeMs: 5_000 };
  }

  ready() {
    return { ready: this.waitingFor.length === 0, waitingFor: this.waitingFor };
  }

  members() {
    return this.memberViews;
  }

  ring() {
    if (!this.knowsRing) return null;
    return {
      clusterId: uuid(80),
      cluster: 'test',
      detector: 'phi' as const,
      lineage: uuid(90),
      epoch: this.epoch,
      chainHash: 'c'.repeat(32),
      ringFingerprint: `f${this.epoch}`,
      change: this.#change(),
      fork: this.fork,
    };
  }

  refusalNow: RingError | null = null;

  refusal() {
    return this.refusalNow;
  }

  /** As if every record had touched every key. */
  guard(_key: string | Uint8Array, _keyspace: string | null, epoch: number): void {
    if (epoch >= this.epoch) return;
    throw new RingError('STALE_ROUTE', `got a request routed by epoch ${epoch}`, { hint: 'route it anew' });
  }

  router() {
    const ring = this.ring();
    if (ring === null) return null;
    return new Router({
      natural: this.memberViews.filter((each) => each.owner),
      change: this.#change(),
      epoch: this.epoch,
      ringFingerprint: ring.ringFingerprint,
      keyspaces: new Map(
        this.schemaView.definitions.flatMap(({ name, replication }) =>
          replication === null ? [] : [[name, replication] as const],
        ),
      ),
      knownDatacenters: ['dc1'],
    });
  }

  endpoints() {
    return this.memberViews.map(({ hostId, generation, version }) => ({
      hostId,
      generation,
      version,
      bulkVersion: 2,
      states: [
        { key: 'STATUS', version: 3, value: 'NORMAL,7' },
        { key: 'DC', version: 1, value: 'dc1' },
      ],
    }));
  }

  rumors() {
    return [{ rumorClass: 'liveness' as const, waiting: 1, sentBytes: 90, dropped: 0 }];
  }

  phi(hostId: string) {
    return hostId === uuid(2) ? 12.5 : null;
  }

  evidence(hostId: string): EvidenceView {
    const facts = { waitedMs: null, helpersAsked: null, helpersHeard: null, localHealth: null, lagMs: null };
    const common = { atMs: 1_700_000_000_000, ...facts, by: null, confirmers: null, verdict: null, incarnation: null };
    if (hostId !== uuid(2)) return { lastAnswer: { agoMs: 800, roundTripMs: 0.7 }, findings: [] };
    const waited = { waitedMs: 500, helpersAsked: 1, helpersHeard: 1, localHealth: 0, lagMs: 2 };
    return {
      lastAnswer: null,
      findings: [
        { ...common, ...waited, kind: 'unanswered' },
        { ...common, kind: 'confirmed', by: uuid(3), verdict: 'unreachable' },
        { ...common, kind: 'dead', by: uuid(1), confirmers: [uuid(3)], incarnation: 0 },
      ],
    };
  }

  history() {
    const common = {
      lineage: uuid(90),
      operationId: uuid(60),
      replaces: null,
      strict: true,
      schemaVersion: version,
      proposer: uuid(1),
      proposedAtMs: 1_700_000_000_000,
      alter: null,
    };
    return {
      prefixEpoch: 0,
      records: [
        {
          ...common,
          epoch: 1,
          kind: 'found' as const,
          previous: '0'.repeat(32),
          operation: null,
          subjects: [{ hostId: uuid(1), tokens: [0n, -5n] }],
          found: { clusterId: uuid(80), clusterName: 'test', detector: 'phi' as const },
        },
        {
          ...common,
          epoch: 2,
          kind: 'begin' as const,
          previous: 'a'.repeat(32),
          operation: 'bootstrap' as const,
          subjects: [{ hostId: uuid(2), tokens: [1n] }],
          found: null,
        },
      ],
    };
  }

  operations() {
    return this.open;
  }

  schema() {
    return this.schemaView;
  }

  counters() {
    return { sentFrames: 1, sentBytes: 2, receivedFrames: 3, receivedBytes: 4, rejected: { noFrame: 5 } };
  }

  async operationProgress(): Promise<OperationProgress> {
    const participants = [{ hostId: uuid(3), movements: 4, done: 1, progress: 0.375, failed: 'disk full' }];
    return { participants, waitingFor: [] };
  }

  /** Answers with `surveys` in turn, the last for ever; else with what the members are known to have. */
  async survey(timeoutMs: number): Promise<SurveyView> {
    this.calls.push(['survey', timeoutMs]);
    const [first] = this.surveys;
    if (this.surveys.length > 1) this.surveys.shift();
    if (first !== undefined) return first;
    const said = (each: MemberView) => ({
      hostId: each.hostId,
      address: each.address!,
      schemaVersion: each.schemaVersion!,
      ringFingerprint: `f${this.epoch}`,
    });
    return {
      answers: this.memberViews.filter((each) => each.liveness !== 'dead').map(said),
      silent: this.memberViews.filter((each) => each.liveness === 'dead'),
    };
  }

  async putKeyspace(name: string, replication: Readonly<Record<string, string | number>>): Promise<void> {
    this.calls.push(['putKeyspace', name, replication]);
  }

  async putDocument(name: string, document: string): Promise<void> {
    this.calls.push(['putDocument', name, document]);
  }

  async dropDefinition(type: 'keyspace' | 'document', name: string): Promise<void> {
    this.calls.push(['dropDefinition', type, name]);
  }

  subscribe(listener: (event: NodePortEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  emit(event: NodePortEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Makes the third member a joiner, with the bootstrap that is open for it. */
  beginBootstrap(): void {
    const joiner = { ...this.memberViews[2]!, state: 'joining' as const, owner: false };
    this.memberViews[2] = joiner;
    this.joining = joiner;
    this.open = [
      {
        operationId: uuid(61),
        kind: 'bootstrap',
        step: 'begin',
        subjects: [{ hostId: joiner.hostId }],
        replaces: null,
        strict: true,
        beginEpoch: 7,
        stepEpoch: 7,
        beganAtMs: 1_700_000_000_000,
        waitingFor: ['10.0.0.2:7600 is dead'],
      },
    ];
  }

  #change(): OpenChange | null {
    if (this.joining === null) return null;
    const future = [...this.memberViews.filter((each) => each.owner), this.joining];
    return { step: 'begin', future, alter: null };
  }
}

/** Notes what it was asked in `calls`; everything succeeds but what names an operation that is not open. */
export class FakeOperator implements OperatorPort {
  readonly #port: FakeNodePort;

  constructor(port: FakeNodePort) {
    this.#port = port;
  }

  async begin(request: RequestedOperation, force: boolean) {
    this.#port.calls.push(['begin', request, force]);
    return { operationId: uuid(62), epoch: 8 };
  }

  async abort(operationId: string): Promise<void> {
    this.#port.calls.push(['abort', operationId]);
    this.#expectOpen(operationId);
    this.#port.open = [];
  }

  async resume(operationId: string): Promise<void> {
    this.#port.calls.push(['resume', operationId]);
    this.#expectOpen(operationId);
  }

  async assassinate(hostId: string, force: boolean) {
    this.#port.calls.push(['assassinate', hostId, force]);
    return { kind: 'remove', epoch: 8, lineage: uuid(force ? 91 : 90) };
  }

  async readmit(hostId: string, force: boolean) {
    this.#port.calls.push(['readmit', hostId, force]);
    return { kind: 'readmit', epoch: 8, lineage: uuid(90) };
  }

  async adopt(lineage: string): Promise<number> {
    this.#port.calls.push(['adopt', lineage]);
    return 9;
  }

  async join(): Promise<void> {
    this.#port.calls.push(['join']);
  }

  async drain(): Promise<void> {
    this.#port.calls.push(['drain']);
  }

  async planRestart(leaseMs: number): Promise<void> {
    this.#port.calls.push(['planRestart', leaseMs]);
  }

  #expectOpen(operationId: string): void {
    if (this.#port.open.some((each) => each.operationId === operationId)) return;
    throw new RingError('UNKNOWN_OPERATION', `no open operation has the id ${operationId}`, { hint: 'See ops.' });
  }
}
