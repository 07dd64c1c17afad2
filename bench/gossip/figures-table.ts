/** One line of the table: a figure, for one size of cluster. */
export interface Figure {
  readonly figure: string;
  readonly nodes: number;
  /** What issue and docs promise. */
  readonly target: string;
  readonly measured: string;
  /** Worlds and crashes that it was measured in. */
  readonly samples: string;
  readonly theory: string;
  readonly peers: string;
}

/** The page `docs/gossip-figures.md`. */
export function figuresPage(
  figures: readonly Figure[],
  about: { readonly quick: boolean; readonly tookS: number; readonly notRun: readonly string[] },
): string {
  const rows = figures.map(
    ({ figure, nodes, target, measured, samples, theory, peers }) =>
      `| ${[figure, nodes, target, measured, samples, theory, peers].join(' | ')} |`,
  );
  return [
    '# Gossip in figures',
    '',
    'Made by `npm run bench:gossip`: the production core of a node, in the deterministic simulator (`src/sim`), default',
    'settings, LAN profile (0.5 ms median latency, one packet in a hundred late by 10 ms and more). Bytes are those sent by a',
    'node, IP and UDP or TCP headers and encryption included. Same seeds, same figures, on any machine, but for the',
    "simulator's own speed. Not in the table yet: three peers a tick, forged claims, real sockets.",
    '',
    `This page: ${about.quick ? 'a quick run (`--quick`), fewer seeds and sizes' : 'a full run'}, ${Math.round(about.tookS)} s.`,
    ...(about.notRun.length === 0 ? [] : ['', `Not run for lack of time: ${about.notRun.join('; ')}.`]),
    '',
    '| figure | nodes | target | measured | samples | theory | peers |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
