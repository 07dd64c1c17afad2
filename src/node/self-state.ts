import type { OwnershipState } from '../epoch/ring-snapshot.ts';
import type { RecordedMember } from '../epoch/ring-state.ts';
import { ApplicationState, drainedMode, overloadedMode } from '../gossip/application-state.ts';
import { encodeTokens } from '../token/token-list.ts';
import { memberModeOf } from './member-mode.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { RingView } from './ring-view.ts';

/** The field's words for what the records say of a host (Cassandra's VersionedValue). */
const statusWord: Readonly<Record<OwnershipState, string>> = {
  joining: 'BOOT',
  normal: 'NORMAL',
  leaving: 'LEAVING',
  moving: 'MOVING',
  replacing: 'BOOT_REPLACE',
};

/** STATUS of a node that was stopped cleanly: the ring treats it as before, liveness believes it. */
export const shutdownStatus = 'shutdown,true';

interface Said {
  readonly member: RecordedMember | undefined;
  readonly ring: RingView | null;
  readonly schemaVersion: string | null;
}

/**
 * What this node says of itself. STATUS and TOKENS are the records' words, stamped with the epoch that allows them, and
 * change in one step; SCHEMA and RING are bulk keys that follow what the node holds.
 */
export class SelfState {
  readonly #context: NodeContext;
  readonly #membership: Membership;

  /** What the words were last made of, all of it immutable: each tick asks, and hardly ever has anything moved. */
  #said: Said = { member: undefined, ring: null, schemaVersion: null };
  #overloaded = false;
  #toldOverloaded = false;

  constructor(context: NodeContext, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
  }

  /** The first step, complete before the first SYN leaves. */
  initial(): [string, string][] {
    const { config, self } = this.#context;
    return [
      ...this.#ownership(),
      [ApplicationState.datacenter, config.datacenter],
      [ApplicationState.rack, config.rack],
      [ApplicationState.address, self.address],
      ...(self.httpAddress === null ? [] : [[ApplicationState.httpAddress, self.httpAddress] as [string, string]]),
      [ApplicationState.releaseVersion, config.releaseVersion],
      [ApplicationState.bootNonce, self.bootNonce],
      ...this.#held(),
    ];
  }

  /** Brings the gossiped words up to what the node holds now. Nothing is stamped anew that did not change. */
  refresh(): void {
    if (this.#overloaded !== this.#toldOverloaded || this.#leaseIsOver) this.#tellOverload();
    const member = this.#membership.state?.members.get(this.#context.self.hostId);
    const ring = this.#membership.ring();
    const schemaVersion = this.#context.protocols.schema.version;
    const said = this.#said;
    if (said.member === member && said.ring === ring && said.schemaVersion === schemaVersion) return;
    this.#said = { member, ring, schemaVersion };
    this.#context.protocols.gossiper.setStates([...this.#ownership(), ...this.#held()]);
  }

  /** Serves late, or no longer late: told with the next tick. */
  overloaded(overloaded: boolean): void {
    this.#overloaded = overloaded;
    if (overloaded)
      this.#context.log('warn', 'overloaded', 'this process runs late: clients are told to prefer others');
    else this.#context.log('info', 'overloadOver', 'this process runs in time again');
  }

  /** What was said of a drain, or of a restart that is still to come, stands. */
  #tellOverload(): void {
    this.#toldOverloaded = this.#overloaded;
    const said = memberModeOf(this.#mode, this.#context.now.wallMs);
    if (said !== 'ok' && said !== 'overloaded') return;
    const mode = this.#overloaded ? overloadedMode : null;
    if (mode !== this.#mode) this.#context.protocols.gossiper.setStates([[ApplicationState.mode, mode]]);
  }

  /** It was to be away by now, and is not: said anew, for whoever only listens has no clock to know it by. */
  get #leaseIsOver(): boolean {
    const mode = this.#mode;
    return mode !== null && memberModeOf(mode, this.#context.now.wallMs) === 'ok';
  }

  get #mode(): string | null {
    return this.#context.stateValue(this.#context.self.hostId, ApplicationState.mode);
  }

  /** Serves no more, until the next start. True if that is news. */
  announceDrain(): boolean {
    const { gossiper } = this.#context.protocols;
    if (this.#mode === drainedMode) return false;
    gossiper.setStates([[ApplicationState.mode, drainedMode]]);
    return true;
  }

  /** Will be away for a while, and is expected back. A drained node stays drained: it serves no more until then anyway. */
  announceRestart(leaseMs: number): void {
    if (this.#mode === drainedMode) return;
    const untilMs = this.#context.now.wallMs + leaseMs;
    this.#context.protocols.gossiper.setStates([[ApplicationState.mode, `RESTARTING,${Math.round(untilMs)}`]]);
  }

  announceShutdown(): void {
    this.#context.protocols.gossiper.setStates([[ApplicationState.status, shutdownStatus]]);
  }

  #ownership(): [string, string][] {
    const member = this.#membership.state?.members.get(this.#context.self.hostId);
    if (member === undefined) return [];
    const tokens = encodeTokens(member.tokens);
    const said = this.#context.stateValue(this.#context.self.hostId, ApplicationState.tokens);
    return [
      // The epoch that allowed these tokens; what allows no others is no reason to tell all of them again.
      [ApplicationState.tokens, said?.endsWith(`,${tokens}`) ? said : `${member.sinceEpoch},${tokens}`],
      [ApplicationState.status, `${statusWord[member.state]},${member.sinceEpoch}`],
    ];
  }

  #held(): [string, string][] {
    const ring = this.#membership.ring();
    return [
      [ApplicationState.schema, this.#context.protocols.schema.version],
      ...(ring === null
        ? []
        : [
            [ApplicationState.ringFingerprint, `${ring.epoch},${ring.chainHash},${ring.fingerprint}`] as [
              string,
              string,
            ],
          ]),
    ];
  }
}
