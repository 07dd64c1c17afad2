import { minuteMs } from '../../src/base/time.ts';
import { type CourseSample, runCourse } from './course.ts';
import { crashFigures } from './crash-figures.ts';
import { bySize, type Part } from './part.ts';
import { spreadFigures } from './spread-figures.ts';
import { trafficFigures } from './traffic-figures.ts';

/** Everything that one life of a cluster shows. */
export function course(nodes: number, quick: boolean): Part<CourseSample> {
  return {
    name: 'course',
    nodes,
    seeds: quick ? 1 : bySize(nodes, 20, 20, 4),
    run: (seed) =>
      runCourse({
        nodes,
        seed,
        idleMs: quick ? minuteMs / 2 : 3 * minuteMs,
        changes: quick ? 5 : 20,
        crashes: quick ? 2 : 15,
        massCrashes: quick ? 1 : massCrashesOf(nodes, seed),
      }),
    figures: (samples) => [
      ...spreadFigures(nodes, samples),
      ...trafficFigures(nodes, samples),
      ...crashFigures(nodes, samples),
    ],
  };
}

/**
 * Five of a hundred: three times that many make three hundred crashes in twenty worlds. Five hundred of ten thousand are
 * enough, and take half an hour: one world sees them.
 */
function massCrashesOf(nodes: number, seed: number): number {
  return bySize(nodes, 3, 1, seed === 1 ? 1 : 0);
}
