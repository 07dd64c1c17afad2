import { InvalidArgumentError, Option } from 'commander';
import { durationMsOf } from '../base/duration.ts';

/** The value of an option that takes a duration: `500ms`, `30s`, `2m`, up to an hour. Answers ms. */
export function parseDurationMs(text: string): number {
  const durationMs = durationMsOf(text);
  if (durationMs !== null && durationMs >= 1 && durationMs <= 3_600_000) return durationMs;
  throw new InvalidArgumentError('Expected a duration such as 500ms, 30s or 2m, at most 60m.');
}

/** An option that takes a duration; its default is shown in help as it is written here. Its value is in ms. */
export function durationOption(flags: string, description: string, byDefault: string): Option {
  return new Option(flags, description).argParser(parseDurationMs).default(parseDurationMs(byDefault), byDefault);
}
