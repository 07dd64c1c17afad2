import type { History, HistoryRecord } from '../../api/history.ts';
import { columns } from './columns.ts';
import { forkText } from './member-words.ts';
import { printable, timeText } from './quantities.ts';

/** The ring records, oldest first, one a line; subjects with the number of tokens that the record gives them. */
export function historyText(history: History): string {
  const header = ['Epoch', 'Kind', 'Operation', 'Operation ID', 'Proposed at', 'Subjects'];
  const head = `Lineage: ${history.lineage}\nEpoch: ${history.epoch}\nChain hash: ${printable(history.chainHash)}\n`;
  const folded = history.prefixEpoch === 0 ? '' : `Records up to epoch ${history.prefixEpoch} are folded.\n`;
  const fork = history.fork === null ? '' : `Note: ${printable(forkText(history.fork))}\n`;
  return `${head}${folded}${fork}\n${columns([header, ...history.records.map(row)])}`;
}

function row(record: HistoryRecord): string[] {
  const subjects = record.subjects.map(({ hostId, tokens }) =>
    tokens.length === 0 ? hostId : `${hostId} (${tokens.length} token${tokens.length === 1 ? '' : 's'})`,
  );
  return [
    String(record.epoch),
    record.kind,
    printable(record.operation ?? '-'),
    record.operationId,
    timeText(record.proposedAtMs),
    [...subjects, ...extras(record)].join(', '),
  ];
}

function extras({ replaces, strict, alter, found }: HistoryRecord): string[] {
  return [
    ...(replaces === null ? [] : [`replaces ${replaces}`]),
    ...(strict ? [] : ['with too few sources']),
    ...(alter === null ? [] : [`keyspace ${printable(alter.keyspace)}`]),
    ...(found === null ? [] : [`cluster ${printable(found.clusterName)}, detector ${found.detector}`]),
  ];
}
