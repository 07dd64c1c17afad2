const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration: `500ms`, `60s`, `1.5m`, `2h`, or a number, which is milliseconds already. Answers whole
 * milliseconds, or null for anything else; the caller knows the option's name and range, and complains.
 */
export function durationMsOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (typeof value !== 'string') return null;
  const [, amount, unit] = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(value.trim()) ?? [];
  if (amount === undefined || unit === undefined) return null;
  return Math.round(Number(amount) * unitMs[unit]!);
}
