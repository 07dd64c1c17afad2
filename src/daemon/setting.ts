import type { NodeOptions } from '../runtime/node-options.ts';

/** What a setting can be called in YAML: every option of a node that can be written down. */
export type SettingKey = Exclude<keyof NodeOptions, CodeOnly> | 'config' | 'movementCommand';

/** What only a program can give. */
type CodeOnly = 'onStart' | 'onRangeMovement' | 'loadProvider' | 'logger' | 'signal';

/**
 * How the text of a flag or variable becomes a value. What does not fit stays text, and is refused where all values are
 * checked, with the same words whatever it came from.
 * `switch`: a flag without value. `negated`: a flag without value that turns its key off. `list`: separated by commas.
 */
export type SettingKind = 'text' | 'number' | 'switch' | 'negated' | 'list';

/** One thing that can be set: as flag, as environment variable, and as YAML key. */
export interface Setting {
  readonly key: SettingKey;
  readonly kind: SettingKind;
  /** As commander takes it. Null: secrets, which other users would see in the list of processes, and fine tuning. */
  readonly flag: string | null;
  readonly help: string;
}

/** All settings of murmurd, in the order of `--help`. */
export const settings: readonly Setting[] = [
  { key: 'cluster', kind: 'text', flag: '--cluster <name>', help: 'name of the cluster (required)' },
  {
    key: 'listen',
    kind: 'text',
    flag: '--listen <host:port>',
    help: 'where gossip listens, UDP and TCP; port 0 takes a free one (default: 127.0.0.1:7600)',
  },
  {
    key: 'advertise',
    kind: 'text',
    flag: '--advertise <host:port>',
    help: 'where the others reach this node (default: where it listens)',
  },
  {
    key: 'seeds',
    kind: 'list',
    flag: '--seeds <a,b>',
    help: 'members to ask for the cluster (default on loopback: itself alone)',
  },
  {
    key: 'seedsFile',
    kind: 'text',
    flag: '--seeds-file <file>',
    help: 'file with the seeds, one a line, read again every few seconds',
  },
  { key: 'data', kind: 'text', flag: '--data <dir>', help: 'data directory of this node (default: ./murmuring-data)' },
  { key: 'datacenter', kind: 'text', flag: '--datacenter <dc>', help: 'datacenter of this node (default: dc1)' },
  { key: 'rack', kind: 'text', flag: '--rack <rack>', help: 'rack of this node (default: rack1)' },
  { key: 'tokens', kind: 'number', flag: '--tokens <n>', help: 'number of its tokens (default: 16)' },
  {
    key: 'initialTokens',
    kind: 'list',
    flag: '--initial-tokens <a,b>',
    help: 'its very tokens, instead of allocated ones',
  },
  {
    key: 'http',
    kind: 'text',
    flag: '--http <host:port>',
    help: 'where HTTP listens, or "off" (default: 127.0.0.1:7601)',
  },
  {
    key: 'httpTokenFile',
    kind: 'text',
    flag: '--http-token-file <file>',
    help: 'file with the bearer token of the HTTP API',
  },
  { key: 'secretFile', kind: 'text', flag: '--secret-file <file>', help: 'file with the secret of the cluster' },
  {
    key: 'loadDirectory',
    kind: 'text',
    flag: '--load-directory <dir>',
    help: 'directory whose size is told to the others as LOAD',
  },
  {
    key: 'movementCommand',
    kind: 'text',
    flag: '--movement-command <file>',
    help: 'program that moves data when ranges change hands: JSON on its standard input, exit code 0 when done',
  },
  {
    key: 'logLevel',
    kind: 'text',
    flag: '--log-level <level>',
    help: 'fatal, error, warn, info, debug, trace or silent (default: info)',
  },
  { key: 'config', kind: 'text', flag: '--config <file>', help: 'YAML file with settings by their camelCase names' },
  { key: 'found', kind: 'switch', flag: '--found', help: 'found a new cluster if the data directory knows none' },
  { key: 'insecure', kind: 'switch', flag: '--insecure', help: 'listen off loopback without secret or token' },
  {
    key: 'joinAsNew',
    kind: 'switch',
    flag: '--join-as-new',
    help: 'join beside a dead member that had this address',
  },
  {
    key: 'replace',
    kind: 'text',
    flag: '--replace <host-id>',
    help: 'join in place of this dead member, with its tokens',
  },
  { key: 'join', kind: 'negated', flag: '--no-join', help: 'be an observer: gossip and route, own nothing' },
  {
    key: 'strictJoin',
    kind: 'negated',
    flag: '--no-strict-join',
    help: 'join although ranges have too few live sources: what only the dead ones hold is lost',
  },
  {
    key: 'joinTimeout',
    kind: 'number',
    flag: '--join-timeout <duration>',
    help: 'how long to wait for a seed and for the join (default: 60s)',
  },
  {
    key: 'allowConfigChange',
    kind: 'switch',
    flag: '--allow-config-change',
    help: 'start although datacenter or rack differ from what the data directory says',
  },
  {
    key: 'skipSchema',
    kind: 'list',
    flag: '--skip-schema <a,b>',
    help: 'schema versions, host ids or addresses that the join does not wait for',
  },
  { key: 'secret', kind: 'text', flag: null, help: 'the secret itself' },
  { key: 'httpToken', kind: 'text', flag: null, help: 'the bearer token itself' },
  { key: 'detector', kind: 'text', flag: null, help: 'what a founder has the cluster judge by: swim (default) or phi' },
  { key: 'phiThreshold', kind: 'number', flag: null, help: '5 to 16 (default: 8)' },
  { key: 'gossipIntervalMs', kind: 'number', flag: null, help: 'one exchange each interval (default: 1000)' },
  { key: 'joinTimeoutMs', kind: 'number', flag: null, help: 'life of a join whose node is dead (default: 30000)' },
];

const prefix = 'MURMURING_';

/** The environment variable of a setting: `joinAsNew` → `MURMURING_JOIN_AS_NEW`. */
export function environmentName(key: SettingKey): string {
  return prefix + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** The value that a flag's or variable's text stands for; the text itself if it stands for none of this kind. */
export function valueOfText(kind: SettingKind, text: string): string | number | boolean | readonly string[] {
  switch (kind) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'switch':
    case 'negated':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'list': {
      const items = text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      // An unset variable of a script (`--seeds "$SEEDS"`) must not pass for a choice.
      return items.length === 0 ? text : items;
    }
  }
}
