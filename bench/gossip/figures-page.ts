import { type Topic, topics } from './topics.ts';

/** One figure, for one size of cluster. */
export interface Figure {
  readonly topic: Topic;
  /** The same words for every size: they share a line of the page. */
  readonly figure: string;
  readonly nodes: number;
  /** What is to be reached; empty where the figure only informs. */
  readonly goal: string;
  readonly measured: string;
  /** Whether the goal is reached; null where there is none. */
  readonly met: boolean | null;
  /** Why it falls short where it does. */
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
  /** Worlds that threw, and were not made again since. */
  readonly failed: readonly string[];
}

/** The page `docs/gossip-figures.md`. */
export function figuresPage(figures: readonly Figure[], about: About): string {
  const short = figures.filter(({ met }) => met === false);
  const goals = figures.filter(({ met }) => met !== null).length;
  return [
    '# Gossip in figures',
    '',
    'How fast does a change spread, how soon is a crash noticed, who is wrongly held for dead, and what does it cost? This page',
    'answers by measurement, beside what was aimed at, what the papers predict, and what other systems reach.',
    '',
    'What ran is the production core of a node with its default settings, in the deterministic simulator (`src/sim`): a',
    '_world_ is one simulated cluster, decided by one seed; its network is a LAN (0.5 ms median latency, one packet in a hundred',
    'late by 10 ms and more). Same seed, same figures, on any machine, but for the speed of the simulator and the last table,',
    'which is from real sockets.',
    '',
    about.quick
      ? '**This page is from a quick run** (`--quick`): one short world of each kind, no figure to rely on.'
      : `This page stands on ${Math.round(about.workedMs / 60_000)} minutes of work, revision ${about.revisions.join(', ')}.`,
    `Of ${goals} goals, ${goals - short.length} are met${short.length === 0 ? '.' : '; why the others are not stands [below](#what-falls-short).'}`,
    ...paragraph('Not measured', about.notRun),
    ...paragraph('Broke off, and are missing here', about.failed),
    '',
    '## How to read it, and how to run it',
    '',
    '- ✓ the goal is met, **✗** it is not; neither: there is none. Where sizes differ, values stand as',
    '  `100 / 1,000 / 10,000` nodes, in the order of the columns.',
    '- _p99_: what 99 of 100 stay below, or the worst of fewer than 100. _Dead at all_: every node that runs holds it for dead.',
    '- Bytes are what one node sends, headers of IP, UDP and TCP and the encryption included; _idle_ is a cluster left alone.',
    '- _memberlist_, _serf_, _Redis Cluster_ were measured by us on one machine with two cores, at the sizes in brackets.',
    '',
    '`npm run bench:gossip` measures what fits into 90 minutes in two processes (`--minutes`, `--workers`); all of it takes twice that. It keeps what each world',
    'gave in `bench/results`, makes this page of all that is there, and goes on where it stopped when it is run again; `--fresh`',
    'begins anew, which a change of the code asks for. `--sizes 100,1000` and `--only TEXT` choose worlds by size and name',
    '(course, moving load, mass crash, exchanges, endurance, simulator speed, real sockets), `--seeds N` asks for more or fewer, `--render` makes the page and no world.',
    '`npm run bench:gossip -- --quick` takes 3 minutes and shows only that all works.',
    ...Object.keys(topics).flatMap((topic) => section(topic as Topic, figures)),
    ...(short.length === 0 ? [] : ['', '## What falls short', '', ...shortTexts(short)]),
    '',
  ].join('\n');
}

const paragraph = (words: string, items: readonly string[]): string[] =>
  items.length === 0 ? [] : ['', `${words}: ${items.join('; ')}.`];

/** One table: a line for each figure, a column for each size. */
function section(topic: Topic, all: readonly Figure[]): string[] {
  const figures = all.filter((figure) => figure.topic === topic);
  if (figures.length === 0) return [];
  const sizes = [...new Set(figures.map(({ nodes }) => nodes))].sort((left, right) => left - right);
  const columns = sizes.map((nodes) => `${nodes.toLocaleString('en-US')} nodes`);
  const lines = [...new Set(figures.map(({ figure }) => figure))].map((name) => {
    const each = sizes.map((nodes) => figures.find((figure) => figure.figure === name && figure.nodes === nodes));
    const here = each.filter((figure) => figure !== undefined);
    const same = (of: (figure: Figure) => string): string => joined(here.map(of));
    return line([
      name,
      same(({ goal }) => goal),
      ...each.map(cellText),
      same(({ samples }) => samples),
      same(({ theory = '' }) => theory),
      same(({ peers = '' }) => peers),
    ]);
  });
  const head = line(['figure', 'goal', ...columns, 'stands on', 'theory', 'other systems']);
  const { title, words } = topics[topic];
  return ['', `## ${title}`, '', words, '', head, line(['', '', ...columns, '', '', ''].map(() => '---')), ...lines];
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What all say is said once. */
const joined = (values: readonly string[]): string => (new Set(values).size === 1 ? values[0]! : values.join(' / '));

function cellText(figure: Figure | undefined): string {
  if (figure === undefined) return '–';
  if (figure.met === null) return figure.measured;
  return figure.met ? `${figure.measured} ✓` : `**${figure.measured} ✗**`;
}

/** One paragraph for each figure that falls short, whatever the size, and each reason. */
function shortTexts(short: readonly Figure[]): string[] {
  const paragraphs = new Map<string, Figure[]>();
  for (const each of short) {
    const title = `${each.figure} ${each.reason}`;
    paragraphs.set(title, [...(paragraphs.get(title) ?? []), each]);
  }
  return [...paragraphs.values()].map((figures) => {
    const same = (of: (figure: Figure) => string): string => joined(figures.map(of));
    const sizes = same(({ nodes }) => nodes.toLocaleString('en-US'));
    const { figure, reason = 'not explained yet: look into it with `ringctl sim`' } = figures[0]!;
    return `- ${figure}, ${sizes} nodes: goal ${same(({ goal }) => goal)}, measured ${same(({ measured }) => measured)}. Reason: ${reason}.`;
  });
}
