/** One line of the table: a figure, for one size of cluster. */
export interface Figure {
  readonly figure: string;
  readonly nodes: number;
  /** What is to be reached; empty where the figure only informs. */
  readonly goal: string;
  readonly measured: string;
  /** Whether the goal is reached; null where there is none. */
  readonly met: boolean | null;
  /** Why it falls short where it does, or what else is to be known of it. */
  readonly reason?: string;
  /** Worlds and crashes that it stands on. */
  readonly samples: string;
  readonly theory?: string;
  readonly peers?: string;
}

export interface About {
  readonly quick: boolean;
  /** Time that the worlds of the table took, over all processes. */
  readonly workedMs: number;
  /** Revisions of the sources that were measured. */
  readonly revisions: readonly string[];
  /** Cells that nothing was measured for. */
  readonly notRun: readonly string[];
}

/** The page `docs/gossip-figures.md`. */
export function figuresPage(figures: readonly Figure[], about: About): string {
  const header = '| figure | nodes | goal | measured | | stands on | theory | peers |';
  const rows = figures.map(({ figure, nodes, goal, measured, met, samples, theory = '', peers = '' }) => {
    const mark = met === null ? '' : met ? 'yes' : '**no**';
    return `| ${[figure, nodes.toLocaleString('en-US'), goal, measured, mark, samples, theory, peers].join(' | ')} |`;
  });
  const short = figures.filter(({ met }) => met === false);
  return [
    '# Gossip in figures',
    '',
    'Made by `npm run bench:gossip`: the production core of a node, in the deterministic simulator (`src/sim`), default',
    'settings, LAN profile (0.5 ms median latency, one packet in a hundred late by 10 ms and more). Bytes are those sent by a',
    'node, IP and UDP or TCP headers and encryption included. Same seeds, same figures, on any machine, but for the',
    "simulator's own speed and the run on real sockets.",
    '',
    about.quick
      ? 'This page is from a quick run (`--quick`): few worlds, short courses, small clusters; no figure to rely on.'
      : `This page: ${Math.round(about.workedMs / 60_000)} minutes of work, revision ${about.revisions.join(', ')}.`,
    ...(about.notRun.length === 0 ? [] : ['', `Not measured: ${about.notRun.join('; ')}.`]),
    '',
    header,
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
    ...(short.length === 0 ? [] : ['## What falls short', '', ...short.map(shortText), '']),
    '## The same in pieces',
    '',
    '`npm run bench:gossip` works for 90 minutes in two processes (`--minutes`, `--workers`), keeps what each world gave in',
    '`bench/results`, and makes the page of all that is there; run again it goes on where it stopped. `--only TEXT` measures the',
    'cells whose name has the text, `--sizes 100,1000` those of some sizes, `--seeds N` more or fewer worlds, `--render` none;',
    '`--fresh` begins anew, which a change of the code asks for. `--quick` takes 3 minutes and shows only that all works.',
    '',
  ].join('\n');
}

function shortText({ figure, nodes, goal, measured, reason }: Figure): string {
  const said = reason ?? 'not explained yet: look into it with `ringctl sim`';
  return `- ${figure}, ${nodes.toLocaleString('en-US')} nodes: goal ${goal}, measured ${measured}. Reason: ${said}.`;
}
