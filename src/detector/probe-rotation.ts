import { SeededRandom } from '../base/random.ts';

/**
 * How far on the circle of all the host stands that a node probes in this period: 1 to `others`, each once a pass of as
 * many periods, in an order that each pass draws anew (SWIM section 4.3), so that a member waits at most 2N − 1 periods.
 *
 * Unlike SWIM's, the order is the same for all: who agree on time and members probe each member once a period, not once
 * on average. A crash then meets a probe after two periods at most, where chance would need 4.6 for 99 of 100; clocks or
 * views that differ bring chance back, and no more.
 */
export function probeDistance(period: number, others: number): number {
  const random = new SeededRandom(Math.floor(period / others));
  const first = random.below(others);
  let stride = 1 + random.below(others);
  while (greatestCommonDivisor(stride, others) !== 1) stride = 1 + random.below(others);
  return 1 + ((first + (period % others) * stride) % others);
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
