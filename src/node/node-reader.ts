import type { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { Evidence } from '../detector/evidence.ts';
import type { EpochRegister } from '../epoch/epoch-register.ts';
import type { EndpointState } from '../gossip/endpoint-state.ts';
import type { RumorClassStanding } from '../gossip/rumor-queue.ts';
import type { OperationRequest } from '../lifecycle/operation-request.ts';
import type { Router } from '../ring/router.ts';
import type { SchemaBook } from '../schema/schema-book.ts';
import type { MemberView, RingView } from './membership.ts';
import type { Self } from './node-context.ts';
import type { StartedNode } from './started-node.ts';

/** What may be read of a node between two steps. Everything returned is immutable or a copy. */
export class NodeReader {
  readonly #node: StartedNode;

  constructor(node: StartedNode) {
    this.#node = node;
  }

  get hostId(): HostId {
    return this.#node.context.self.hostId;
  }

  get self(): Self {
    return this.#node.context.self;
  }

  get clusterId(): string | null {
    return this.#node.context.clusterId;
  }

  get generation(): number {
    return this.#node.context.generation;
  }

  get ready(): boolean {
    return this.#node.join.ready;
  }

  /** This node serves no more, until its next start. */
  get drained(): boolean {
    return this.#node.membership.isDrained(this.hostId);
  }

  /** Whom a node that is not ready waits for, as sentences for people. */
  get waitingFor(): string[] {
    const { join, startup, operations } = this.#node;
    if (join.ready) return [];
    if (join.waitingFor === '') return startup.waitingFor();
    const failed = operations.report()?.movements?.failed ?? null;
    return [join.waitingFor, ...(failed === null ? [] : [`a movement failed here: ${failed}; resume it, or abort`])];
  }

  /** What the next step of the open operation waits for, as sentences for people. */
  get operationWaitingFor(): string[] {
    return this.#node.operations.waitingFor();
  }

  /** True in the last moments of a node that was decommissioned. */
  get departing(): boolean {
    return this.#node.removal.departure !== null;
  }

  /** The records removed this node: it takes part in nothing, and stops unless a member says that it was readmitted. */
  get barred(): boolean {
    return this.#node.removal.error !== null;
  }

  /** Members and observers, ascending by host id. */
  members(): MemberView[] {
    return this.#node.membership.members();
  }

  /** One of them, without looking at the others; one that nobody knows is dead and nowhere. */
  member(hostId: HostId): MemberView {
    return this.#node.membership.member(hostId);
  }

  ring(): RingView | null {
    return this.#node.membership.ring();
  }

  router(): Router | null {
    return this.#node.membership.router();
  }

  /** Throws as `Membership.guard`. */
  guard(key: string | Uint8Array, keyspace: string | null, epoch: number): void {
    this.#node.membership.guard(key, keyspace, epoch);
  }

  /** Why an operation would be refused now, whoever must be alive for it set aside; null if nothing speaks against it. */
  refusalOf(request: OperationRequest): RingError | null {
    return this.#node.commands.refusalOf(request);
  }

  endpointState(hostId: HostId): EndpointState | null {
    return this.#node.context.protocols.gossiper.stateOf(hostId);
  }

  /** How each class of rumors stands, the most urgent first. */
  rumors(): RumorClassStanding[] {
    return this.#node.gossip.rumorStanding();
  }

  phi(hostId: HostId): number | null {
    return this.#node.context.protocols.detector?.phi(hostId, this.#node.context.now) ?? null;
  }

  /** Why a host is held for what it is, or null while the cluster is not known. */
  evidence(hostId: HostId): Evidence | null {
    return this.#node.context.protocols.detector?.evidence(hostId) ?? null;
  }

  get register(): Pick<EpochRegister, 'state' | 'position' | 'log' | 'fork' | 'restored'> {
    return this.#node.context.protocols.register;
  }

  get schema(): Pick<SchemaBook, 'list' | 'get' | 'version' | 'definitions'> {
    return this.#node.context.protocols.schema;
  }
}
