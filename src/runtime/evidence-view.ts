import type { Finding } from '../api/why.ts';
import type { Evidence } from '../detector/evidence.ts';
import type { EvidenceView } from '../http/node-port.ts';

const nothing = {
  by: null,
  confirmers: null,
  verdict: null,
  incarnation: null,
  waitedMs: null,
  helpersAsked: null,
  helpersHeard: null,
  localHealth: null,
  lagMs: null,
} satisfies Partial<Finding>;

/** The detector's evidence as `/v1/why` shows it. */
export function evidenceView({ lastAck, findings }: Evidence, nowMs: number): EvidenceView {
  return {
    lastAnswer: lastAck === null ? null : { agoMs: nowMs - lastAck.atMs, roundTripMs: lastAck.roundTripMs },
    findings: findings.map(viewOf),
  };
}

function viewOf(finding: Evidence['findings'][number]): Finding {
  const { atMs, kind } = finding;
  const common = { atMs, kind, ...nothing };
  switch (finding.kind) {
    case 'unanswered': {
      const { waitedMs, helpersAsked, helpersHeard, localHealth, lagMs } = finding;
      return { ...common, waitedMs, helpersAsked, helpersHeard, localHealth, lagMs };
    }
    case 'relayed':
      return { ...common, by: finding.by };
    case 'confirmed':
      return { ...common, by: finding.by, verdict: finding.verdict };
    case 'suspect':
    case 'dead':
      return {
        ...common,
        by: finding.accuser,
        confirmers: [...finding.confirmers],
        incarnation: finding.incarnation,
      };
    case 'refuted':
      return { ...common, incarnation: finding.incarnation };
    case 'streamOnly':
    case 'unconfirmed':
    case 'left':
      return common;
  }
}
