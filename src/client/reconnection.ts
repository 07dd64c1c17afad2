import type { Random } from '../base/random.ts';
import { shuffle } from '../base/random.ts';
import type { ContactPoint } from './contact-point.ts';

/** A member that a snapshot named: where it answers HTTP, if it said so and it can be read. */
export interface KnownMember {
  readonly point: ContactPoint;
  readonly alive: boolean;
}

/**
 * Whom to try next, in order: the contact points as they were given, then the other members in random order, those
 * seen alive first, so that the clients of a lost node spread over the rest. The node that was just lost comes last.
 */
export function reconnectionPlan(
  contactPoints: readonly ContactPoint[],
  members: readonly KnownMember[],
  lost: ContactPoint | null,
  random: Random,
): ContactPoint[] {
  const others = shuffle([...members], random).sort((one, two) => Number(two.alive) - Number(one.alive));
  const byOrigin = new Map<string, ContactPoint>();
  for (const point of [...contactPoints, ...others.map((member) => member.point)]) {
    if (!byOrigin.has(point.origin)) byOrigin.set(point.origin, point);
  }
  if (lost !== null && byOrigin.delete(lost.origin)) byOrigin.set(lost.origin, lost);
  return [...byOrigin.values()];
}

const baseDelayMs = 100;
const maxDelayMs = 10_000;

/**
 * How long to rest after `rounds` whole rounds in which nobody answered: exponential from 0.1 s up to 10 s, and a random
 * part of it (at least half), so that the clients of a restarted cluster do not all come at once.
 */
export function reconnectionDelayMs(rounds: number, random: Random): number {
  const ceilingMs = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(Math.max(rounds - 1, 0), 16));
  return ceilingMs / 2 + random.fraction() * (ceilingMs / 2);
}
