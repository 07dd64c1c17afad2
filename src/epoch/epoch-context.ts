import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { Now } from '../base/time.ts';
import type { EpochEffects } from './epoch-effects.ts';
import type { EpochTimings } from './epoch-timings.ts';
import type { RingLog } from './ring-log.ts';

/**
 * What the parts of one register share: identity, history, chance, and the `now` and `effects` of the step that is
 * running. Only `EpochRegister` moves those two.
 */
export class EpochContext {
  readonly hostId: HostId;
  readonly random: Random;
  readonly timings: EpochTimings;
  readonly log: RingLog;
  readonly isDead: (hostId: HostId) => boolean;
  nowMs = 0;
  effects!: EpochEffects;

  constructor(options: {
    hostId: HostId;
    random: Random;
    timings: EpochTimings;
    log: RingLog;
    isDead(hostId: HostId): boolean;
  }) {
    this.hostId = options.hostId;
    this.random = options.random;
    this.timings = options.timings;
    this.log = options.log;
    this.isDead = (hostId) => options.isDead(hostId);
  }

  enter(now: Now, effects: EpochEffects): void {
    this.nowMs = now.monotonicMs;
    this.effects = effects;
  }

  /** Between half and all of `ms`. */
  jitter(ms: number): number {
    return ms * (0.5 + this.random.fraction() / 2);
  }

  dropped(from: HostId, reason: string): void {
    this.effects.emit({ kind: 'dropped', from, reason });
  }
}
