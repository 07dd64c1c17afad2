import { course, style } from './course-part.ts';
import { faultyLinks, lossy, oneWayLinks, stalls } from './endurance-part.ts';
import type { Figure } from './figures-table.ts';
import type { Part } from './part.ts';

export interface BenchOptions {
  readonly sizes: readonly number[];
  readonly quick: boolean;
  /** Real time in all. A world that has begun is not stopped; one that would not fit is not begun. */
  readonly budgetMs: number;
  /** Real time since the beginning. */
  readonly clockMs: () => number;
  readonly say: (line: string) => void;
}

/** Measures all that the budget allows: the smallest clusters first, each part for as many seeds as fit its share. */
export function bench(options: BenchOptions): { figures: Figure[]; notRun: string[] } {
  const { sizes, quick, budgetMs, clockMs, say } = options;
  const figures: Figure[] = [];
  const notRun: string[] = [];
  /** Real time of a world of each part, by node, as it was last: what the next larger one takes at least. */
  const msPerNode = new Map<number, number>();
  for (const [index, nodes] of sizes.entries()) {
    // What is left is shared by the sizes to come, of which a larger one takes far longer.
    const untilMs = clockMs() + (budgetMs - clockMs()) * (index === sizes.length - 1 ? 1 : 0.35);
    for (const [at, part] of partsOf(nodes, quick).entries()) {
      const left = partsOf(nodes, quick).length - at;
      const partUntilMs = clockMs() + (untilMs - clockMs()) / left;
      let worlds = 0;
      for (let seed = 1; seed <= part.seeds; seed++) {
        const beganMs = clockMs();
        // The first world may take what is left for this size, the others only the share of their part.
        const endMs = beganMs + (msPerNode.get(at) ?? 0) * nodes;
        if (endMs > (seed === 1 ? untilMs : partUntilMs)) break;
        part.run(seed);
        worlds++;
        msPerNode.set(at, (clockMs() - beganMs) / nodes);
        say(`${nodes} nodes, ${part.name}, seed ${seed}: ${((clockMs() - beganMs) / 1_000).toFixed(1)} s`);
      }
      if (worlds === 0) notRun.push(`${part.name} (${nodes} nodes)`);
      else figures.push(...part.figures(worlds));
    }
  }
  return { figures, notRun };
}

function partsOf(nodes: number, quick: boolean): Part[] {
  return [
    course(nodes, 0, quick),
    course(nodes, 0.05, quick),
    style(nodes, 'pushPull', quick),
    style(nodes, 'push', quick),
    ...[0.05, 0.1, 0.2].flatMap((lossRatio) => [
      lossy(nodes, lossRatio, true, quick),
      lossy(nodes, lossRatio, false, quick),
    ]),
    stalls(nodes, 2, quick),
    stalls(nodes, 5, quick),
    faultyLinks(nodes, quick),
    oneWayLinks(nodes, quick),
  ];
}
