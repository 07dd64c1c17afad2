import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { minuteMs, type Now, secondMs } from '../base/time.ts';
import { emptySchemaVersion, isComparableVersion } from './schema-version.ts';

/** What the puller asks of whoever drives it. */
export interface PullerEffects {
  /** Ask this host for its definitions. The answer comes back as `received`, its absence is noticed here. */
  pull(hostId: HostId, version: string): void;
  /** Call `timer` with this mark after the delay. */
  schedule(mark: number, delayMs: number): void;
}

export interface PullerOptions {
  readonly random: Random;
  /** Asked when a pull is about to be sent: nobody asks the dead. */
  isAlive(hostId: HostId): boolean;
  /** Pulls that may wait for their answer at one time, over all versions. Cassandra has 3 a version. */
  readonly limitInFlight?: number;
  /** A pull without an answer counts as failed after this. */
  readonly pullTimeoutMs?: number;
  /**
   * A first pull waits a random time below this, so that a change does not bring the whole ring to one holder at once;
   * after f failures below 2^f times this, a minute at most. A node whose schema is empty does not wait.
   */
  readonly jitterMs?: number;
}

/** A version that is held by others and not known here yet. */
interface WantedVersion {
  /** The one to be asked next comes first. */
  holders: HostId[];
  /** Pulls that failed, and moments at which no holder was alive. */
  failures: number;
  /** When it may be asked for, monotonic ms. */
  dueMs: number;
  /** Who was asked and has not answered. */
  asked: HostId | null;
}

/** How many versions that nothing is left to ask for are remembered, the newest. */
const maxSettled = 256;
/** However often it failed, and however dead all holders are, a wanted version is looked at again within this time. */
const scanMs = minuteMs;

/**
 * Decides whom to ask for which schema version (Cassandra's MigrationCoordinator). A version is pulled from one of its
 * holders at a time; who fails goes to the end of the row and the next is asked. A version drops when its last holder
 * leaves or changes it (CASSANDRA-16577, 16692), and a version of another format is never asked for.
 */
export class SchemaPuller {
  readonly #random: Random;
  readonly #isAlive: (hostId: HostId) => boolean;
  readonly #limitInFlight: number;
  readonly #pullTimeoutMs: number;
  readonly #jitterMs: number;
  /** Who reported a version that is not settled. Nobody, in a quiet cluster: what it costs does not grow with the members. */
  readonly #reportedBy = new Map<HostId, string>();
  /** Versions whose definitions were merged, or that were our own: nothing is left to ask for. */
  readonly #settled = new Set<string>();
  readonly #wanted = new Map<string, WantedVersion>();
  /** Host → when its answer is given up, monotonic ms. Never more than `#limitInFlight`. */
  readonly #inFlight = new Map<HostId, number>();
  #localVersion: string | null = null;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #mark = 0;

  constructor(options: PullerOptions) {
    this.#random = options.random;
    this.#isAlive = options.isAlive;
    this.#limitInFlight = options.limitInFlight ?? 3;
    this.#pullTimeoutMs = options.pullTimeoutMs ?? 5 * secondMs;
    this.#jitterMs = options.jitterMs ?? 500;
  }

  /** Nothing is pulled before this; what was reported before is remembered. */
  begin(now: Now, localVersion: string, effects: PullerEffects): void {
    this.localChanged(now, localVersion, effects);
  }

  /** This node's own version moved, by an edit or a merge. */
  localChanged(now: Now, version: string, effects: PullerEffects): void {
    this.#localVersion = version;
    this.#settle(version);
    this.#look(now, effects);
  }

  /** A host says which version it holds. One of another format is noted and left alone. */
  reported(now: Now, hostId: HostId, version: string, effects: PullerEffects): void {
    if (this.#settled.has(version)) {
      if (this.#reportedBy.size === 0) return;
      this.gone(hostId);
      return this.#look(now, effects);
    }
    if (this.#reportedBy.get(hostId) === version) return;
    this.gone(hostId);
    this.#reportedBy.set(hostId, version);
    if (!isComparableVersion(version)) return;
    const wanted = this.#wanted.get(version);
    if (wanted !== undefined) {
      wanted.holders.push(hostId);
      wanted.dueMs = Math.min(wanted.dueMs, now.monotonicMs + this.#random.below(this.#jitterMs));
    } else {
      const delayMs = this.#localVersion === emptySchemaVersion ? 0 : this.#random.below(this.#jitterMs);
      this.#wanted.set(version, {
        holders: [hostId],
        failures: 0,
        dueMs: now.monotonicMs + delayMs,
        asked: null,
      });
    }
    this.#look(now, effects);
  }

  /**
   * A host sent its definitions, which are those of `version`, and they are merged. Also for what was not asked for. That
   * the own version is another one afterwards is no reason to ask again: this node knows more, or refused a part.
   */
  received(now: Now, hostId: HostId, version: string, effects: PullerEffects): void {
    this.#release(hostId);
    this.#settle(version);
    this.reported(now, hostId, version, effects);
    this.#look(now, effects);
  }

  /** A pull could not be sent or was refused: the next holder's turn. Ignored for a host that was not asked. */
  failed(now: Now, hostId: HostId, effects: PullerEffects): void {
    const wanted = this.#release(hostId);
    if (wanted === null) return;
    this.#backOff(now, wanted);
    this.#look(now, effects);
  }

  /** A host left or was removed: a version that only it held is not waited for any more. */
  gone(hostId: HostId): void {
    this.#release(hostId);
    const version = this.#reportedBy.get(hostId);
    this.#reportedBy.delete(hostId);
    const wanted = version === undefined ? undefined : this.#wanted.get(version);
    if (version === undefined || wanted === undefined) return;
    wanted.holders = wanted.holders.filter((holder) => holder !== hostId);
    if (wanted.holders.length === 0) this.#wanted.delete(version);
  }

  /** A scheduled moment came. A stale mark is ignored. */
  timer(now: Now, mark: number, effects: PullerEffects): void {
    if (mark !== this.#mark) return;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    for (const [hostId, deadlineMs] of [...this.#inFlight]) {
      if (deadlineMs <= now.monotonicMs) this.failed(now, hostId, effects);
    }
    this.#look(now, effects);
  }

  /** Versions that are held by others and still unknown here, each with its holders. Empty: nothing to wait for. */
  awaited(): { readonly version: string; readonly holders: readonly HostId[] }[] {
    return [...this.#wanted].map(([version, wanted]) => ({ version, holders: [...wanted.holders] }));
  }

  /** Hosts whose schema is of another format: nothing can be said about whether they agree. */
  incomparable(): HostId[] {
    return [...this.#reportedBy].flatMap(([hostId, version]) => (isComparableVersion(version) ? [] : [hostId]));
  }

  /** Nothing of this version is left to ask for; who holds it is of no matter any more. */
  #settle(version: string): void {
    this.#settled.delete(version);
    this.#settled.add(version);
    if (this.#settled.size > maxSettled) this.#settled.delete(this.#settled.values().next().value!);
    const wanted = this.#wanted.get(version);
    if (wanted === undefined) return;
    this.#wanted.delete(version);
    if (wanted.asked !== null) this.#inFlight.delete(wanted.asked);
    for (const holder of wanted.holders) this.#reportedBy.delete(holder);
  }

  /** Frees the host's place among those asked. The version it was asked for, or null if it was not asked. */
  #release(hostId: HostId): WantedVersion | null {
    if (!this.#inFlight.delete(hostId)) return null;
    for (const wanted of this.#wanted.values()) {
      if (wanted.asked !== hostId) continue;
      wanted.asked = null;
      return wanted;
    }
    return null;
  }

  /** Sends what is due and allowed, and sees to being woken for the rest. */
  #look(now: Now, effects: PullerEffects): void {
    if (this.#localVersion === null) return;
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const [version, wanted] of this.#wanted) {
      if (wanted.asked !== null) continue;
      if (wanted.dueMs <= now.monotonicMs && this.#inFlight.size < this.#limitInFlight) {
        this.#ask(now, version, wanted, effects);
      }
      // What only the limit holds back waits for an answer or a failure, not for a time.
      if (wanted.asked === null && wanted.dueMs > now.monotonicMs) wakeAtMs = Math.min(wakeAtMs, wanted.dueMs);
    }
    for (const deadlineMs of this.#inFlight.values()) wakeAtMs = Math.min(wakeAtMs, deadlineMs);
    if (wakeAtMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = wakeAtMs;
    this.#mark++;
    effects.schedule(this.#mark, Math.max(0, wakeAtMs - now.monotonicMs));
  }

  #ask(now: Now, version: string, wanted: WantedVersion, effects: PullerEffects): void {
    const at = wanted.holders.findIndex((holder) => this.#isAlive(holder));
    if (at < 0) {
      this.#backOff(now, wanted);
      return;
    }
    const [hostId] = wanted.holders.splice(at, 1) as [HostId];
    wanted.holders.push(hostId);
    wanted.asked = hostId;
    this.#inFlight.set(hostId, now.monotonicMs + this.#pullTimeoutMs);
    effects.pull(hostId, version);
  }

  #backOff(now: Now, wanted: WantedVersion): void {
    wanted.failures++;
    const belowMs = Math.min(scanMs, this.#jitterMs * 2 ** wanted.failures);
    // At least a millisecond: what is backed off is not due in the same look.
    wanted.dueMs = now.monotonicMs + 1 + this.#random.below(belowMs);
  }
}
