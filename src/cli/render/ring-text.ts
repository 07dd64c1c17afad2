import type { Ring, RingToken } from '../../api/ring.ts';
import { livenessWords, stateWords } from './member-words.ts';
import { loadText, printable, shareText } from './quantities.ts';

/**
 * `nodetool ring`: for each datacenter its tokens, ascending, after a line with only the last one, which is where the
 * ring wraps round. Column widths are nodetool's.
 */
export function ringText(ring: Ring): string {
  const addresses = ring.tokens.map((token) => printable(token.address ?? '?').length);
  const widths = [Math.max('Address'.length, ...addresses) + 2, 12, 7, 8, 16, 20];
  const datacenters = [...new Set(ring.tokens.map((token) => token.datacenter))].sort();
  const tables = datacenters.map((datacenter) => {
    const tokens = ring.tokens.filter((token) => token.datacenter === datacenter);
    const header = ['Address', 'Rack', 'Status', 'State', 'Load', 'Owns', 'Token'];
    const wrap = ['', '', '', '', '', '', tokens.at(-1)!.token];
    const lines = [header, wrap, ...tokens.map(row)].map((cells) => line(cells, widths));
    return `Datacenter: ${printable(datacenter)}\n==========\n${lines.join('')}\n`;
  });
  const hosts = new Set(ring.tokens.map((token) => token.hostId)).size;
  return tables.join('') + (ring.tokens.length > hosts ? warning : '');
}

const warning = `  Warning: "ringctl ring" is used to output all the tokens of a node.
  To view status related info of a node use "ringctl status" instead.
`;

function row(token: RingToken): string[] {
  return [
    printable(token.address ?? '?'),
    printable(token.rack),
    livenessWords[token.liveness].word,
    stateWords[token.state].word,
    loadText(token.load),
    shareText(token.owns, 2),
    token.token,
  ];
}

/** A cell that is wider than its column still keeps a blank to the next one. */
function line(cells: readonly string[], widths: readonly number[]): string {
  const text = cells.map((cell, at) => (at < widths.length ? `${cell} `.padEnd(widths[at]!) : cell)).join('');
  return `${text.trimEnd()}\n`;
}
