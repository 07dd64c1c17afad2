import { secondMs } from '../../src/base/time.ts';
import type { ExchangeStyle } from '../../src/gossip/gossip-message.ts';
import { exchangeCurve, exchangeTicks, styleWords } from '../../src/sim/exchange-styles.ts';
import type { Figure } from './figures-page.ts';
import { bySize, mean, type Part, samplesText } from './part.ts';
import { openPercentile } from './spread-sample.ts';

/** Ms until the last node knew each change, by style; null: not in time. */
type StyleSample = Partial<Record<ExchangeStyle, (number | null)[]>>;

/** Anti-entropy alone, rumors off: exchanges with `peers` random peers a tick of one second, the styles side by side. */
export function exchanges(nodes: number, peers: 1 | 3, quick: boolean): Part<StyleSample> {
  const styles: readonly ExchangeStyle[] = peers === 1 ? ['pushPull', 'push', 'pull'] : ['pushPull'];
  return {
    name: `exchanges with ${peers} a tick`,
    nodes,
    seeds: quick ? 1 : bySize(nodes, 20, 20, 2),
    run: (seed) => {
      const sample: StyleSample = {};
      for (const style of styles) {
        sample[style] = exchangeCurve({ nodes, seed, style, peers, changes: 3 }).map(({ allMs }) => allMs);
      }
      return sample;
    },
    figures: (samples) => styles.map((style) => figureOf(nodes, peers, style, samples)),
  };
}

function figureOf(nodes: number, peers: 1 | 3, style: ExchangeStyle, samples: readonly StyleSample[]): Figure {
  const msOf = (each: ExchangeStyle): (number | null)[] => samples.flatMap((sample) => sample[each] ?? []);
  const ticks = msOf(style).map((ms) => (ms === null ? null : Math.ceil(ms / secondMs)));
  const worst = openPercentile(ticks, 1);
  const slower = meanMs(msOf(style)) / meanMs(msOf('pushPull'));
  const most = peers === 1 ? bySize(nodes, 6, 8, 10) : bySize(nodes, 3, 4, 5);
  const slowness = style === 'pushPull' ? '' : ', and how much slower than push-pull';
  return {
    nodes,
    topic: 'exchanges',
    figure: `${styleWords[style]}, ${peers} ${peers === 1 ? 'peer' : 'peers'} a tick: ticks until the last node knows${slowness}`,
    goal: style === 'pushPull' ? `≤ ${most}` : style === 'push' ? '≥ 1.8 ×' : '',
    measured: `${worst ?? 'not reached'}${style === 'pushPull' ? '' : `, ${slower.toFixed(1)} ×`}`,
    met: style === 'pushPull' ? worst !== null && worst <= most : style === 'push' ? slower >= 1.8 : null,
    samples: `${samplesText(samples.length)}, ${ticks.length} changes`,
    theory: `${exchangeTicks(style, nodes, peers).toFixed(1)} ticks`,
  };
}

const meanMs = (values: readonly (number | null)[]): number =>
  mean(values.map((value) => value ?? Number.POSITIVE_INFINITY));
