import type { HostId } from '../base/id.ts';
import { type Answer, AnswerLog } from './answer-log.ts';
import type { HostSlots } from './member-table.ts';

/** How many findings are kept a host, the newest. */
const maxFindings = 32;
/** How many hosts findings are kept of; beyond it the host that was longest quiet is forgotten. */
const maxHosts = 1_024;

/** What was found out about a host. `by` is a host id; `atMs` unix time. Durations in ms. */
export type Finding = { readonly atMs: number } & (
  | {
      /** It did not answer this node: neither directly, nor through helpers, nor by stream. */
      readonly kind: 'unanswered';
      readonly waitedMs: number;
      /** Of `helpersAsked`, how many sent at least a nack. */
      readonly helpersAsked: number;
      readonly helpersHeard: number;
      /** This node's own local health score, and how late its loop last ran. */
      readonly localHealth: number;
      readonly lagMs: number;
    }
  /** Only a helper reached it, so the link from here is broken; `relayed` by it. */
  | { readonly kind: 'relayed'; readonly by: HostId }
  /** It answered by stream when datagrams did not get through. */
  | { readonly kind: 'streamOnly' }
  /** A confirmer's word on a suspicion of this node. */
  | { readonly kind: 'confirmed'; readonly by: HostId; readonly verdict: 'alive' | 'unreachable' | 'unsure' }
  /** Nobody confirmed the suspicion of this node: it was dropped. */
  | { readonly kind: 'unconfirmed' }
  | {
      readonly kind: 'suspect' | 'dead';
      readonly accuser: HostId | null;
      readonly confirmers: readonly HostId[];
      readonly incarnation: number;
    }
  | { readonly kind: 'refuted'; readonly incarnation: number }
  | { readonly kind: 'left' }
);

/** Why a host is held for what it is, by this node: for people, and never sent. */
export interface Evidence {
  /**
   * Last answer of the host itself. Null if none came since the start, or if nothing ever happened to the host and so many
   * others answered since then (`AnswerLog`).
   */
  readonly lastAck: Answer | null;
  /** Oldest first. */
  readonly findings: readonly Finding[];
}

/** What happened to one host, and its last answer before that: where many answer, theirs push it out of the log. */
interface Case {
  /** No array that grows: it would take room for sixteen more at once. */
  findings: readonly Finding[];
  answer: Answer | null;
}

/** The findings of a detector: bounded per host and in all, kept only of hosts that something happened to. */
export class EvidenceLog {
  readonly #cases = new Map<HostId, Case>();
  readonly #answers = new AnswerLog();
  readonly #slots: HostSlots;

  constructor(slots: HostSlots) {
    this.#slots = slots;
  }

  add(hostId: HostId, finding: Finding): void {
    const held = this.#cases.get(hostId) ?? { findings: [], answer: null };
    // Set anew, so that the map's order is by the latest finding.
    this.#cases.delete(hostId);
    this.#cases.set(hostId, held);
    held.answer = this.#lastAnswer(hostId) ?? held.answer;
    held.findings = [...held.findings, finding].slice(-maxFindings);
    if (this.#cases.size > maxHosts) this.#cases.delete(this.#cases.keys().next().value!);
  }

  acked(hostId: HostId, atMs: number, roundTripMs: number): void {
    this.#answers.add(this.#slots.slotOf(hostId), atMs, roundTripMs);
  }

  of(hostId: HostId): Evidence {
    const held = this.#cases.get(hostId);
    return { lastAck: this.#lastAnswer(hostId) ?? held?.answer ?? null, findings: held?.findings ?? [] };
  }

  forget(hostId: HostId): void {
    this.#cases.delete(hostId);
    const slot = this.#slots.find(hostId);
    if (slot !== null) this.#answers.forget(slot);
  }

  #lastAnswer(hostId: HostId): Answer | null {
    const slot = this.#slots.find(hostId);
    return slot === null ? null : this.#answers.last(slot);
  }
}
