import type { HostId } from '../base/id.ts';

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

/** A finding without its time, which the log adds. */
export type FindingFacts = Finding extends infer F ? (F extends Finding ? Omit<F, 'atMs'> : never) : never;

/** Why a host is held for what it is, by this node: for people, and never sent. */
export interface Evidence {
  /** Last answer of the host itself: monotonic time, round trip. Null if none came since the start. */
  readonly lastAck: { readonly atMs: number; readonly roundTripMs: number } | null;
  /** Oldest first. */
  readonly findings: readonly Finding[];
}

/** The findings of a detector: bounded per host and in all, kept only of hosts that something happened to. */
export class EvidenceLog {
  readonly #findings = new Map<HostId, Finding[]>();
  readonly #acks = new Map<HostId, { readonly atMs: number; readonly roundTripMs: number }>();

  add(hostId: HostId, finding: Finding): void {
    const findings = this.#findings.get(hostId) ?? [];
    // Set anew, so that the map's order is by the latest finding.
    this.#findings.delete(hostId);
    this.#findings.set(hostId, findings);
    findings.push(finding);
    if (findings.length > maxFindings) findings.shift();
    if (this.#findings.size > maxHosts) this.#findings.delete(this.#findings.keys().next().value!);
  }

  acked(hostId: HostId, atMs: number, roundTripMs: number): void {
    this.#acks.set(hostId, { atMs, roundTripMs });
  }

  lastAckMs(hostId: HostId): number | null {
    return this.#acks.get(hostId)?.atMs ?? null;
  }

  of(hostId: HostId): Evidence {
    return { lastAck: this.#acks.get(hostId) ?? null, findings: [...(this.#findings.get(hostId) ?? [])] };
  }

  forget(hostId: HostId): void {
    this.#findings.delete(hostId);
    this.#acks.delete(hostId);
  }
}
