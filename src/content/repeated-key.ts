/** Two readers of one JSON text must read the same: a key that stands twice in one object is read by some as the first, by some as the last. */

const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/gs;

/**
 * The first key that one object has twice, undefined where none has. Differences of case do not tell keys apart, since some readers (Go's
 * encoding/json) do not. The text must be JSON.
 */
export function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':')) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      const keys = open.at(-1);
      // upper case first: the long s and the Kelvin sign have no other small letter of their own
      const folded = key.toUpperCase().toLowerCase();
      if (keys?.has(folded) === true) return key;
      keys?.add(folded);
    }
  }
  return undefined;
}
