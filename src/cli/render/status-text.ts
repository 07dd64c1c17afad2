import type { Status, StatusNode } from '../../api/status.ts';
import { columns, columnWidths } from './columns.ts';
import { forkText, livenessWords, stateWords } from './member-words.ts';
import { loadText, printable, shareText } from './quantities.ts';

/**
 * `nodetool status`: a table for each datacenter, all aligned alike. Differences: addresses have their port, since hosts
 * share addresses here, and there is no layout of its own for one token a node.
 */
export function statusText(status: Status): string {
  const owns = status.keyspace === null ? 'Owns' : 'Owns (effective)';
  const header = ['--', 'Address', 'Load', 'Tokens', owns, 'Host ID', 'Rack'];
  const widths = columnWidths([header, ...status.nodes.map(row)]);
  const datacenters = [...new Set(status.nodes.map((node) => node.datacenter))].sort();
  const tables = datacenters.map((datacenter) => {
    const title = `Datacenter: ${printable(datacenter)}`;
    const legend = 'Status=Up/Down\n|/ State=Normal/Leaving/Joining/Moving\n';
    const nodes = status.nodes.filter((node) => node.datacenter === datacenter);
    return `${title}\n${'='.repeat(title.length)}\n${legend}${columns([header, ...nodes.map(row)], widths)}`;
  });
  const notes = notesOf(status).map((note) => `Note: ${printable(note)}\n`);
  return [...tables, notes.join('')].filter((part) => part !== '').join('\n');
}

function row(node: StatusNode): string[] {
  return [
    livenessWords[node.liveness].letter + stateWords[node.state].letter,
    printable(node.address ?? '?'),
    loadText(node.load),
    String(node.tokens),
    shareText(node.owns, 1),
    node.hostId,
    printable(node.rack),
  ];
}

function notesOf(status: Status): string[] {
  const notes: string[] = [];
  if (status.fork !== null) notes.push(forkText(status.fork));
  if (status.operation !== null) notes.push(status.operation);
  if (status.nodes.some((node) => node.liveness === 'suspect')) {
    notes.push('? is a suspect: it did not answer lately, and is not yet taken for dead');
  }
  for (const { address, hostId, mode } of status.nodes) {
    if (mode !== 'ok') notes.push(`${address ?? hostId} is ${mode}: clients prefer others`);
  }
  return notes;
}
