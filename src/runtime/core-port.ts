import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type {
  EndpointView,
  EvidenceView,
  HistoryView,
  MemberView,
  NodePort,
  NodePortEvent,
  OperationProgress,
  OperationView,
  RingView,
  RumorQueueView,
  SchemaView,
  SelfView,
  SurveyView,
  TrafficCounters,
} from '../http/node-port.ts';
import type { OperatorPort, RequestedOperation } from '../http/operator-port.ts';
import type { ViewSurvey } from '../node/command.ts';
import type { NodeConfig } from '../node/node-config.ts';
import type { NodeCore } from '../node/node-core.ts';
import type { NodeEvent } from '../node/node-event.ts';
import type { NodeReader } from '../node/node-reader.ts';
import type { Router } from '../ring/router.ts';
import type { Transport } from '../transport/transport.ts';
import type { Driver } from './driver.ts';
import { evidenceView } from './evidence-view.ts';
import { openOperations, operationProgress } from './open-operations.ts';
import { RingOperator } from './ring-operator.ts';

/** The node as HTTP sees it: reads are taken from the core between two steps, changes are commands to it. */
export class CorePort implements NodePort {
  readonly releaseVersion: string;
  readonly operator: OperatorPort;
  readonly #core: NodeCore;
  readonly #driver: Driver;
  readonly #transport: Transport;
  readonly #config: NodeConfig;
  readonly #listeners = new Set<(event: NodePortEvent) => void>();
  readonly #startedMs = performance.now();

  constructor(options: { core: NodeCore; driver: Driver; transport: Transport; config: NodeConfig }) {
    this.#core = options.core;
    this.#driver = options.driver;
    this.#transport = options.transport;
    this.#config = options.config;
    this.operator = new RingOperator(options.driver);
    this.releaseVersion = options.config.releaseVersion;
  }

  /** HTTP listens before the node starts, so that its address can be gossiped. */
  get #reader(): NodeReader {
    if (!this.#core.started) throw new RingError('UNAVAILABLE', 'the node is starting', { hint: 'Try again soon.' });
    return this.#core.reader;
  }

  self(): SelfView {
    const reader = this.#reader;
    const { clusterName, datacenter, rack, releaseVersion } = this.#config;
    return {
      hostId: reader.hostId,
      cluster: clusterName,
      clusterId: reader.clusterId,
      address: reader.self.address,
      httpAddress: reader.self.httpAddress,
      datacenter,
      rack,
      generation: reader.generation,
      releaseVersion,
      uptimeMs: Math.round(performance.now() - this.#startedMs),
    };
  }

  ready(): { ready: boolean; waitingFor: readonly string[] } {
    const { ready, drained, waitingFor } = this.#reader;
    return { ready: ready && !drained, waitingFor: drained ? ['this node is drained: restart it'] : waitingFor };
  }

  members(): readonly MemberView[] {
    const reader = this.#reader;
    return reader.members().map((member) => {
      const state = reader.endpointState(member.hostId);
      const value = (key: string): string | null => state?.values.get(key)?.value ?? null;
      const load = value(ApplicationState.load);
      return {
        ...member,
        owner: member.state !== null && member.state !== 'joining' && member.state !== 'replacing',
        load: load === null ? null : Number(load),
        generation: state?.generation ?? 0,
        version: state?.version ?? 0,
        schemaVersion: value(ApplicationState.schema),
        releaseVersion: value(ApplicationState.releaseVersion),
      };
    });
  }

  ring(): RingView | null {
    const ring = this.#reader.ring();
    if (ring === null) return null;
    const { state, fork } = this.#reader.register;
    return {
      clusterId: ring.clusterId,
      cluster: ring.clusterName,
      detector: state!.detector,
      lineage: ring.lineage,
      epoch: ring.epoch,
      chainHash: ring.chainHash,
      ringFingerprint: ring.fingerprint,
      change: ring.change,
      fork,
    };
  }

  router(): Router | null {
    return this.#reader.router();
  }

  guard(key: string | Uint8Array, keyspace: string | null, epoch: number): void {
    this.#reader.guard(key, keyspace, epoch);
  }

  refusal(request: RequestedOperation): RingError | null {
    return this.#reader.refusalOf(request);
  }

  endpoints(): readonly EndpointView[] {
    const reader = this.#reader;
    return reader.members().flatMap(({ hostId }) => {
      const state = reader.endpointState(hostId);
      if (state === null) return [];
      const { generation, version, bulkVersion } = state;
      const states = [...state.values].flatMap(([key, each]) =>
        each.value === null ? [] : [{ key, version: each.version, value: each.value }],
      );
      return [{ hostId, generation, version, bulkVersion, states }];
    });
  }

  rumors(): readonly RumorQueueView[] {
    return this.#reader.rumors();
  }

  phi(hostId: HostId): number | null {
    return this.#reader.phi(hostId);
  }

  evidence(hostId: HostId): EvidenceView {
    return evidenceView(this.#reader.evidence(hostId) ?? { lastAck: null, findings: [] }, performance.now());
  }

  history(): HistoryView {
    const { log } = this.#reader.register;
    return { prefixEpoch: log.snapshot?.epoch ?? 0, records: log.records };
  }

  operations(): readonly OperationView[] {
    return openOperations(this.#reader);
  }

  schema(): SchemaView {
    const { schema } = this.#reader;
    return { version: schema.version, definitions: schema.definitions() };
  }

  counters(): TrafficCounters {
    const { counters } = this.#transport;
    return {
      sentFrames: counters.datagramsOut + counters.streamMessagesOut,
      sentBytes: counters.bytesOut,
      receivedFrames: counters.datagramsIn + counters.streamMessagesIn,
      receivedBytes: counters.bytesIn,
      rejected: counters.rejected,
    };
  }

  async operationProgress(timeoutMs: number): Promise<OperationProgress> {
    return operationProgress((await this.#driver.command({ kind: 'surveyOperation', timeoutMs })) as ViewSurvey);
  }

  async survey(timeoutMs: number): Promise<SurveyView> {
    return (await this.#driver.command({ kind: 'survey', timeoutMs })) as SurveyView;
  }

  async putKeyspace(name: string, replication: Readonly<Record<string, string | number>>): Promise<void> {
    await this.#driver.command({ kind: 'putSchema', type: 'keyspace', name, replication, document: null });
  }

  async putDocument(name: string, document: string): Promise<void> {
    await this.#driver.command({ kind: 'putSchema', type: 'document', name, replication: null, document });
  }

  async dropDefinition(type: 'keyspace' | 'document', name: string): Promise<void> {
    await this.#driver.command({ kind: 'dropSchema', type, name });
  }

  subscribe(listener: (event: NodePortEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For the driver's listener: passes on what HTTP may hear. */
  heard(event: NodeEvent): void {
    if (event.kind !== 'ring' && event.kind !== 'liveness' && event.kind !== 'schema' && event.kind !== 'states')
      return;
    for (const listener of this.#listeners) listener(event);
  }

  /**
   * What a join waits for: null while the cluster is still looked for (that has a time-out of its own), and once the
   * records name this node, for then the others count on it, or removed it.
   */
  joinWait(): string | null {
    const { clusterId, ready, hostId, register, waitingFor } = this.#reader;
    const ring = register.state;
    if (clusterId === null || ready || ring?.members.has(hostId) || ring?.removed.has(hostId)) return null;
    return waitingFor.join('; ') || 'nothing was heard yet';
  }
}
