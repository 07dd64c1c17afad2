/**
 * Rows as text in left-aligned columns two spaces apart, as Cassandra's `TableBuilder` lays them out (without its
 * trailing blanks). Every row has as many cells as the first. No rows, no text.
 */
export function columns(rows: readonly (readonly string[])[], widths: readonly number[] = columnWidths(rows)): string {
  return rows.map((row) => line(row, widths)).join('');
}

/** How wide each column must be for its longest cell: given to `columns`, several tables line up. */
export function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return widths;
}

function line(row: readonly string[], widths: readonly number[]): string {
  return `${row
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join('  ')
    .trimEnd()}\n`;
}
