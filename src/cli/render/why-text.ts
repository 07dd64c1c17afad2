import type { Finding, Why } from '../../api/why.ts';
import { columns } from './columns.ts';
import { printable } from './quantities.ts';

const labelWidth = 14;

/** `ringctl why NODE`: the verdict, and below it what led to it, oldest first. Nodetool has nothing like it. */
export function whyText(why: Why): string {
  const nameOf = (hostId: string | null): string => (hostId === null ? 'itself' : (why.addresses[hostId] ?? hostId));
  const lines: [label: string, value: string][] = [
    ['Node', `${why.address ?? '?'} (${why.hostId})`],
    ['Liveness', `${why.liveness}, judged by ${why.detector}`],
    ['Generation', String(why.generation)],
    ...(why.phi === null ? [] : ([['Phi', why.phi.toFixed(2)]] as [string, string][])),
    ['Last answer', lastAnswerText(why)],
  ];
  const head = lines.map(([label, value]) => `${`${label}:`.padEnd(labelWidth)} ${printable(value)}\n`).join('');
  if (why.findings.length === 0) return `${head}\nNothing is held against it.\n`;
  const rows = why.findings.map((finding) => [momentText(finding.atMs), printable(findingText(finding, nameOf))]);
  return `${head}\n${columns([['Time (UTC)', 'Finding'], ...rows])}`;
}

function lastAnswerText({ lastAnswer, detector }: Why): string {
  if (lastAnswer !== null) {
    return `${(lastAnswer.agoMs / 1_000).toFixed(1)} s ago, round trip ${lastAnswer.roundTripMs.toFixed(1)} ms`;
  }
  return detector === 'phi' ? 'not what phi judges by' : 'none since the node that you ask started';
}

function findingText(finding: Finding, nameOf: (hostId: string | null) => string): string {
  switch (finding.kind) {
    case 'unanswered':
      return `no answer here within ${finding.waitedMs} ms; ${finding.helpersHeard} of ${finding.helpersAsked} helpers spoke; local health ${finding.localHealth} (0 is well, 8 is worst), own lag ${finding.lagMs} ms`;
    case 'relayed':
      return `answered ${nameOf(finding.by)}, not this node`;
    case 'streamOnly':
      return 'answered by TCP, not by UDP';
    case 'confirmed':
      return `${nameOf(finding.by)} tried it: ${finding.verdict}`;
    case 'unconfirmed':
      return 'nobody confirmed the suspicion; dropped';
    case 'suspect':
    case 'dead': {
      const confirmers = (finding.confirmers ?? []).map(nameOf);
      const confirmed = confirmers.length === 0 ? 'confirmed by nobody' : `confirmed by ${confirmers.join(', ')}`;
      return `${finding.kind}: accused by ${nameOf(finding.by)}, ${confirmed} (incarnation ${finding.incarnation})`;
    }
    case 'refuted':
      return `alive: refuted it (incarnation ${finding.incarnation})`;
    case 'left':
      return 'stopped cleanly';
  }
}

/** To the millisecond: detection is a matter of them. */
function momentText(unixMs: number): string {
  const time = new Date(unixMs);
  return Number.isNaN(time.getTime()) ? '?' : time.toISOString().replace('T', ' ');
}
