import { type StyleFigures, styleWords } from '../../sim/exchange-styles.ts';
import { columns } from './columns.ts';

/** `ringctl sim --styles` for people: the styles of an exchange side by side, beside the theory. */
export function simStylesText(styles: readonly StyleFigures[], about: { nodes: number; seed: number }): string {
  const rows = styles.map(({ style, peers, halfTicks, allTicks, theoryTicks }) => [
    styleWords[style],
    String(peers),
    inTicks(halfTicks),
    inTicks(allTicks),
    theoryTicks.toFixed(1),
  ]);
  return [
    `Exchanges alone, no rumors: ${about.nodes} nodes, seed ${about.seed}. In gossip intervals, means of the changes.\n`,
    columns([['Style', 'Peers an interval', 'Half know', 'All know', 'All, in theory'], ...rows]),
  ].join('');
}

const inTicks = (ticks: number | null): string => ticks?.toFixed(1) ?? 'not reached';
