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
      }),
    figures: (samples) => [
      ...spreadFigures(nodes, samples),
      ...trafficFigures(nodes, samples),
      ...crashFigures(nodes, samples),
    ],
  };
}
