import type { HostId } from '../base/id.ts';

/**
 * What a detector asks to be reminded of. `dueMs` on the monotonic clock: one that comes late shows that the own loop
 * stood still. `spared`: it was put off once, since the loop had just stood still. `number`, `wait` and `startedMs` are the
 * marks by which a stale one is known. `over`: what it was to remind of has come.
 */
export type DetectorTimer = {
  readonly dueMs: number;
  readonly spared?: true;
  over?: true;
} /** The next probe of the round robin is due. */ & (
  | { readonly kind: 'period'; readonly number: number }
  /** A host that was just learned of owes an answer; `waitMs`: how long it had. */
  | { readonly kind: 'introduction'; readonly hostId: HostId; readonly number: number; readonly waitMs: number }
  /** A direct ack is due; then helpers' answers. */
  | { readonly kind: 'direct'; readonly number: number }
  | { readonly kind: 'indirect'; readonly number: number }
  /** A helper owes its prober a nack. */
  | { readonly kind: 'nack'; readonly number: number }
  /** Confirmers' answers are due at the accuser; `wait`: how many of its waits have begun. */
  | { readonly kind: 'accusation'; readonly number: number; readonly wait: number }
  /** The answer to a confirmer's own probe is due. */
  | { readonly kind: 'confirmation'; readonly number: number }
  /** The time to refute is over, or a part of it; `asked`: how often the suspect was asked meanwhile. */
  | { readonly kind: 'verdict'; readonly hostId: HostId; readonly startedMs: number; readonly asked: number }
);

/** A timer without its due time, which whoever schedules it adds. */
export type DetectorTimerFacts = DetectorTimer extends infer T
  ? T extends DetectorTimer
    ? Omit<T, 'dueMs'>
    : never
  : never;
