import type { HostId } from '../base/id.ts';
import type { Now } from '../base/time.ts';
import type { Liveness } from './liveness-claim.ts';

// The words of an opinion belong to this door.
export { type Liveness, livenessStates } from './liveness-claim.ts';

/** What a detector wants done, within the call in which it wants it. */
export interface DetectorEffects {
  /** Sends a ping; its pong must come back with the same number. */
  ping(hostId: HostId, probe: number): void;
  /** The opinion about a host changed. Told after it did. */
  changed(hostId: HostId, liveness: Liveness): void;
}

/**
 * Judges who is alive. Both detectors implement it; it is told what was heard and proves the rest itself. Nobody is
 * alive before a proof: an unknown host is `dead`. This node itself is never asked about.
 */
export interface FailureDetector {
  /** A heartbeat of the host advanced, heard from it directly or from anybody. First contact included. */
  heard(hostId: HostId, now: Now, effects: DetectorEffects): void;
  /** A higher generation of the host was heard of: another process. Counts as heard. */
  restarted(hostId: HostId, now: Now, effects: DetectorEffects): void;
  /** A pong came from the host itself, authenticated. */
  pong(hostId: HostId, probe: number, now: Now, effects: DetectorEffects): void;
  /** The host announced a clean stop: dead at once, and until a higher generation. */
  left(hostId: HostId, now: Now, effects: DetectorEffects): void;
  /** Nothing is known of the host any more. Silent. */
  forget(hostId: HostId): void;
  /** Once each gossip interval: probe timeouts, verdicts, retries. */
  tick(now: Now, effects: DetectorEffects): void;
  /** The driver's own loop did not run for so long: others were not heard because nobody listened. */
  stalled(forMs: number, now: Now): void;
  liveness(hostId: HostId): Liveness;
  /** Suspicion level, where the detector has one; null for a host never heard of. */
  phi(hostId: HostId, now: Now): number | null;
  /** When the host was last heard of or proved alive, on the monotonic clock; null for never. */
  lastHeardMs(hostId: HostId): number | null;
}
