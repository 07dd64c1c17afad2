import type { NodeOptions } from '../runtime/node-options.ts';
import { type ResolvedNodeOptions, resolveNodeOptions } from '../runtime/resolve-node-options.ts';
import { readConfigFile } from './config-file.ts';
import { type Environment, mistypedVariables, readEnvironment } from './environment.ts';
import { readFlags } from './flags.ts';
import { movementCommandPath } from './movement-command.ts';
import { mergeLayers, type SettingLayer, withOrigin } from './setting-layer.ts';

/** What murmurd was asked to do, checked. */
export type DaemonRequest =
  | { readonly kind: 'print'; readonly text: string }
  | {
      readonly kind: 'run';
      readonly options: NodeOptions;
      readonly resolved: ResolvedNodeOptions;
      /** The program that moves data, as an absolute path; null: there is none. */
      readonly movementCommand: string | null;
      /** Where each setting was written, for errors that come up later. */
      readonly layer: SettingLayer;
      /** About the environment; those about the options are in `resolved`. */
      readonly warnings: readonly string[];
    };

/**
 * Flag before environment before YAML before default. Throws INVALID_ARGUMENT, INVALID_CONFIG, INVALID_ADDRESS or
 * INSECURE, each saying where the refused value was written.
 */
export function readDaemonOptions(argv: readonly string[], env: Environment, version: string): DaemonRequest {
  const commandLine = readFlags(argv, version);
  if (commandLine.kind === 'print') return commandLine;
  const written = [commandLine.layer, readEnvironment(env)];
  const layer = mergeLayers([...written, fileLayer(mergeLayers(written))]);
  const options = optionsOf(layer);
  try {
    const warnings = mistypedVariables(env);
    const resolved = resolveNodeOptions(options);
    const command = layer.get('movementCommand');
    const path = command === undefined ? null : movementCommandPath(command.value);
    return {
      kind: 'run',
      options: withSecretsRead(options, resolved),
      resolved,
      movementCommand: path,
      layer,
      warnings,
    };
  } catch (error) {
    throw withOrigin(error, layer);
  }
}

/** What the files held stands for them: a file that can be read only once (`<(vault read …)`) is not read again. */
function withSecretsRead(options: NodeOptions, { secret, httpToken }: ResolvedNodeOptions): NodeOptions {
  const { secretFile, httpTokenFile, ...rest } = options;
  return { ...rest, ...(secret === null ? {} : { secret }), ...(httpToken === null ? {} : { httpToken }) };
}

function fileLayer(written: SettingLayer): SettingLayer {
  const path = written.get('config')?.value;
  if (path === undefined) return new Map();
  try {
    return readConfigFile(String(path));
  } catch (error) {
    throw withOrigin(error, written);
  }
}

/** Unchecked: `resolveNodeOptions` is what makes it `NodeOptions`. */
function optionsOf(layer: SettingLayer): NodeOptions {
  const entries = [...layer]
    .filter(([key]) => key !== 'config' && key !== 'movementCommand')
    .map(([key, { value }]) => [key, value]);
  return Object.fromEntries(entries) as NodeOptions;
}
