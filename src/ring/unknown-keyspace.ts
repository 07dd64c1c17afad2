/** A schema may have thousands of keyspaces, and who mistypes one hears of it once a request. */
const maxNamed = 20;

/** What was got, and what there is: of that as many as a sentence bears, in order. */
export function unknownKeyspaceText(keyspace: string | null, known: ReadonlyMap<string, unknown>): string {
  const names = [...known.keys()].sort();
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  const listed = names.length === 0 ? '(none)' : names.slice(0, maxNamed).join(', ');
  return `got keyspace ${JSON.stringify(keyspace)}, expected one of: ${listed}${more}`;
}
