/**
 * The parameters of a query, strictly: what is no valid percent-encoding must not become another key. A pair that cannot
 * be decoded becomes a parameter named by its own text, which no route knows and therefore refuses; a name given twice
 * has the list of its values, which no route takes either. Never throws.
 */
export function parseQueryText(text: string): Record<string, string | string[]> {
  const parameters: Record<string, string | string[]> = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const [name, value] = decodePair(pair) ?? [pair, ''];
    const before = parameters[name];
    parameters[name] = before === undefined ? value : [before, value].flat();
  }
  return parameters;
}

function decodePair(pair: string): [name: string, value: string] | null {
  const at = pair.indexOf('=');
  try {
    return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
  } catch {
    return null;
  }
}

/** Forms write a blank as a plus sign. */
function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
