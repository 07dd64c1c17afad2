import { Command, CommanderError, Option } from 'commander';
import { RingError } from '../base/error.ts';
import { environmentName, type SettingKey, settings, valueOfText } from './setting.ts';
import type { SettingLayer, SettingValue } from './setting-layer.ts';

/** What the command line asks for: a run with these settings, or a text (`--help`, `--version`) and nothing else. */
export type CommandLine =
  | { readonly kind: 'run'; readonly layer: SettingLayer }
  | { readonly kind: 'print'; readonly text: string };

/**
 * Reads the arguments after the program's name. Throws INVALID_ARGUMENT for unknown flags, missing values and arguments
 * that are no flags; values are checked later, with those of all other sources.
 */
export function readFlags(argv: readonly string[], version: string): CommandLine {
  let printed = '';
  const program = new Command('murmurd')
    .description('A node of a murmuring ring: gossips, owns tokens, and answers where keys live.')
    .version(version, '--version', 'print the version')
    .allowExcessArguments(false)
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => {} })
    .addHelpText('after', environmentHelp())
    .exitOverride();
  for (const { kind, flag, help } of settings) {
    if (flag === null) continue;
    const option = new Option(flag, help);
    if (kind === 'list')
      option.argParser<string>((text, before) => (before === undefined ? text : `${before},${text}`));
    program.addOption(option);
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: printed };
    const said = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    throw new RingError('INVALID_ARGUMENT', said, { hint: 'See murmurd --help.' });
  }
  return { kind: 'run', layer: layerOf(program) };
}

function layerOf(program: Command): SettingLayer {
  const layer = new Map<SettingKey, SettingValue>();
  for (const { key, kind, flag } of settings) {
    if (flag === null || program.getOptionValueSource(key) !== 'cli') continue;
    const given: unknown = program.getOptionValue(key);
    const origin = flag.split(' ', 1)[0]!;
    layer.set(key, { value: typeof given === 'string' ? valueOfText(kind, given) : given, origin });
  }
  return layer;
}

function environmentHelp(): string {
  const others = settings.filter(({ flag }) => flag === null);
  const width = Math.max(...others.map(({ key }) => environmentName(key).length)) + 2;
  return [
    '',
    'Every flag is also a variable (--join-as-new: MURMURING_JOIN_AS_NEW=true) and a key of the YAML',
    'file (joinAsNew: true). A flag counts before a variable, a variable before the file. Further:',
    ...others.map(({ key, help }) => `  ${environmentName(key).padEnd(width)}${help}`),
  ].join('\n');
}
