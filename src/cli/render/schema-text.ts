import type { Replication } from '../../api/ring-terms.ts';
import type { Schema } from '../../api/schema.ts';
import { printable, timeText } from './quantities.ts';

/** All definitions by name, keyspaces as `describecluster` shows them, documents by their size. */
export function schemaText({ schemaVersion, keyspaces, documents }: Schema): string {
  const keyspaceLines = keyspaces.map(({ name, replication }) => keyspaceText(name, replication));
  const documentLines = documents.map(
    ({ name, document, stamp }) =>
      `${name} (${Buffer.byteLength(document)} bytes, ${timeText(stamp.timeMs)} by ${stamp.hostId})`,
  );
  return `Schema version: ${schemaVersion}\n\nKeyspaces:\n${list(keyspaceLines)}\nDocuments:\n${list(documentLines)}`;
}

/** `name -> Replication class: Class {option=value, …}`, as in nodetool. */
export function keyspaceText(name: string, replication: Replication): string {
  const { class: strategy, ...options } = replication;
  const listed = Object.entries(options).map(([option, value]) => `${option}=${value}`);
  return `${name} -> Replication class: ${strategy ?? '?'} {${listed.join(', ')}}`;
}

function list(lines: readonly string[]): string {
  return lines.map((text) => `\t${printable(text)}\n`).join('');
}
