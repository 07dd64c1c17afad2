import { newcomerId, type Plan, type PlanHost } from '../../api/plan.ts';
import { rangeShare } from '../../token/token-range.ts';
import { columns } from './columns.ts';
import { printable, shareText } from './quantities.ts';

/** `ringctl plan …`: what would change for each keyspace, every movement with its ranges, and whether it can be done. */
export function planText(plan: Plan): string {
  const subjects = plan.subjects.map(nameOf).join(', ');
  const head = `Plan of ${plan.operation}${subjects === '' ? '' : ` of ${subjects}`} at epoch ${plan.epoch}. Nothing is changed.\n`;
  const parts = [head, keyspacesText(plan), movementsText(plan), verdictText(plan)];
  return parts.filter((part) => part !== '').join('\n');
}

function keyspacesText({ keyspaces }: Plan): string {
  if (keyspaces.length === 0) return 'There is no keyspace, so no data moves.\n';
  const times = (value: number): string => value.toFixed(3);
  const rows = keyspaces.map(({ keyspace, changedShare, movedShare, balance, racks }) => [
    printable(keyspace),
    shareText(changedShare, 1),
    shareText(movedShare, 1),
    `${times(balance.before)} -> ${times(balance.after)}`,
    `${racks.before} -> ${racks.after}${racks.narrowedShare === 0 ? '' : ` (fewer for ${shareText(racks.narrowedShare, 1)})`}`,
  ]);
  return columns([['Keyspace', 'Ring affected', 'Data moved', 'Largest/mean share', 'Racks of a range'], ...rows]);
}

function movementsText({ movements }: Plan): string {
  if (movements.length === 0) return 'No range moves.\n';
  return movements
    .map(({ keyspace, ranges, sources, targets }) => {
      const share = ranges.reduce((sum, range) => sum + shareOf(range), 0);
      const names = (hosts: readonly PlanHost[]): string => hosts.map(nameOf).join(', ');
      const title = `${keyspace}: ${names(sources)} -> ${names(targets)}, ${shareText(share, 1)} of the ring`;
      return `${printable(title)}\n${ranges.map(({ startToken, endToken }) => `  (${startToken}, ${endToken}]\n`).join('')}`;
    })
    .join('');
}

function verdictText({ operation, possible, refusals, forcible, neededAlive }: Plan): string {
  const needs = neededAlive.length === 0 ? '' : `Needs alive: ${neededAlive.map(nameOf).join(', ')}\n`;
  const verdict = possible ? 'It can be done now.\n' : refusals.map((each) => `Refused: ${printable(each)}\n`).join('');
  const joins = operation === 'add' || operation === 'replace';
  const force = joins ? 'a node that is started with --no-strict-join joins all the same' : '--force passes over that';
  return `${needs}${verdict}${forcible ? `If the dead are lost for good, ${force}: what only they hold is lost.\n` : ''}`;
}

function nameOf({ hostId, address }: PlanHost): string {
  if (hostId === newcomerId) return 'the new node';
  return printable(address ?? hostId);
}

function shareOf({ startToken, endToken }: { startToken: string; endToken: string }): number {
  return rangeShare({ left: BigInt(startToken), right: BigInt(endToken) });
}
