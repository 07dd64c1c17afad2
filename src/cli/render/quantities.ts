/** Quantities as nodetool writes them. */

const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A load in bytes, or null when the member has not said: `?`, `512 bytes`, `70.2 KiB` (Cassandra's `FileUtils.stringifyFileSize`). */
export function loadText(bytes: number | null): string {
  if (bytes === null) return '?';
  if (bytes < 1024) return `${Math.round(bytes)} bytes`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toFixed(2))} ${units[unit]!}`;
}

/** A share in [0, 1] as a percentage, or `?`. */
export function shareText(share: number | null, decimals: number): string {
  return share === null ? '?' : `${(share * 100).toFixed(decimals)}%`;
}

/** Unix time in ms as UTC to the second: `2024-05-01 12:00:00Z`; `?` for what is no time. */
export function timeText(unixMs: number): string {
  const time = new Date(unixMs);
  return Number.isNaN(time.getTime()) ? '?' : `${time.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/**
 * Text from another host made safe for a terminal: control characters, escape sequences among them, become `\xNN`.
 * A value keeps to its line.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (control) => {
    const code = control.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
