import { InvalidArgumentError, Option } from 'commander';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** The value of an option that takes a duration: `500ms`, `30s`, `2m`, up to an hour. Answers ms. */
export function parseDurationMs(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  const durationMs = Math.round(Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN));
  if (durationMs >= 1 && durationMs <= 3_600_000) return durationMs;
  throw new InvalidArgumentError('Expected a duration such as 500ms, 30s or 2m, at most 60m.');
}

/** An option that takes a duration; its default is shown in help as it is written here. Its value is in ms. */
export function durationOption(flags: string, description: string, byDefault: string): Option {
  return new Option(flags, description).argParser(parseDurationMs).default(parseDurationMs(byDefault), byDefault);
}
