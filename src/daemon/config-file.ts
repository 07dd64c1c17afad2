import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { RingError } from '../base/error.ts';
import { nearestKey } from '../runtime/nearest-key.ts';
import { type SettingKey, settings } from './setting.ts';
import type { SettingLayer, SettingValue } from './setting-layer.ts';

/** A configuration file cannot name another one. */
const fileKeys: readonly string[] = settings.map(({ key }) => key).filter((key) => key !== 'config');

/** Reads a YAML configuration file. Throws INVALID_CONFIG naming file, line and key. */
export function readConfigFile(path: string): SettingLayer {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RingError('INVALID_CONFIG', `config: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      hint: 'Check that the file exists and that the user of this process may read it.',
      details: { key: 'config' },
      cause: error,
    });
  }
  return parseConfig(text, path);
}

/** `readConfigFile` for text that was read already; `path` is only for messages. */
export function parseConfig(text: string, path: string): SettingLayer {
  const lines = new LineCounter();
  // prettyErrors would quote the lines around an error, and one of them may hold the secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): string => `${path} line ${lines.linePos(offset).line}`;
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw refused(
      `${at(broken.pos[0])}: not valid YAML: ${firstLine(broken.message)}`,
      'Write one "key: value" a line.',
    );
  }
  const layer = new Map<SettingKey, SettingValue>();
  if (document.contents === null) return layer;
  if (!isMap(document.contents)) {
    throw refused(
      `${at(document.contents.range?.[0] ?? 0)}: got no mapping, expected settings`,
      'Write one "key: value" a line.',
    );
  }
  for (const { key: keyNode, value: valueNode } of document.contents.items) {
    const offset = isScalar(keyNode) ? (keyNode.range?.[0] ?? 0) : 0;
    const key = isScalar(keyNode) ? String(keyNode.value) : 'a key that is no word';
    if (!fileKeys.includes(key)) throw refused(`${at(offset)}: ${key}: no such setting`, hintFor(key));
    layer.set(key as SettingKey, { value: valueAt(valueNode, document, `${at(offset)}: ${key}`), origin: at(offset) });
  }
  return layer;
}

/** An alias to nothing, or to what it is part of, is only found when the value is made. */
function valueAt(node: unknown, document: Document.Parsed, where: string): unknown {
  try {
    return isNode(node) ? node.toJS(document) : null;
  } catch {
    throw refused(`${where}: an alias leads nowhere`, 'Write the value itself.');
  }
}

function hintFor(key: string): string {
  const near = nearestKey(key, fileKeys);
  return near === null ? `Known are ${fileKeys.join(', ')}.` : `Did you mean ${near}?`;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!;
}

function refused(message: string, hint: string): RingError {
  return new RingError('INVALID_CONFIG', message, { hint });
}
