import { nearestKey } from '../runtime/nearest-key.ts';
import { environmentName, type SettingKey, settings, valueOfText } from './setting.ts';
import type { SettingLayer, SettingValue } from './setting-layer.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The negatives of `MURMURING_JOIN` and its like, named as their flags, each with its setting. */
const negatives = settings
  .filter(({ kind }) => kind === 'negated')
  .map(({ key }) => ({ key, name: environmentName(key).replace('MURMURING_', 'MURMURING_NO_') }));

/** What the environment says. An empty variable says nothing, as compose files and shells write them. */
export function readEnvironment(env: Environment): SettingLayer {
  const layer = new Map<SettingKey, SettingValue>();
  for (const { key, kind } of settings) {
    const origin = environmentName(key);
    const text = env[origin] ?? '';
    if (text !== '') layer.set(key, { value: valueOfText(kind, text), origin });
  }
  for (const { key, name } of negatives) {
    const text = env[name] ?? '';
    if (text === '' || layer.has(key)) continue;
    const value = valueOfText('negated', text);
    layer.set(key, { value: typeof value === 'boolean' ? !value : value, origin: name });
  }
  return layer;
}

/**
 * Variables that were most likely meant for murmurd and are none of its own, each with what it may have meant. Others
 * under the same prefix are left alone: Kubernetes makes some for every service named `murmuring`.
 */
export function mistypedVariables(env: Environment): readonly string[] {
  const known = [...settings.map(({ key }) => environmentName(key)), ...negatives.map(({ name }) => name)];
  const words = known.map((name) => name.slice('MURMURING_'.length));
  return Object.keys(env)
    .filter((name) => name.startsWith('MURMURING_') && !known.includes(name))
    .flatMap((name) => {
      const near = nearestKey(name.slice('MURMURING_'.length), words);
      return near === null ? [] : [`${name} is no setting and was ignored: did you mean MURMURING_${near}?`];
    });
}
