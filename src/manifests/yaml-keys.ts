/**
 * Keys of mappings: each a plain word, each once. The `yaml` package can look for doubles itself, but compares every key with every
 * other, which a file of half a megabyte turns into minutes.
 */
import { type Document, isScalar, visit } from 'yaml';

export interface BadKey {
  /** Offset in the text. */
  readonly at: number;
  readonly message: string;
}

export function badKeys(document: Document.Parsed): readonly BadKey[] {
  const found: BadKey[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const at = (key as { range?: readonly number[] } | null)?.range?.[0] ?? map.range?.[0] ?? 0;
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name === undefined) found.push({ at, message: 'a key that is no plain word; is a quote missing?' });
        else if (seen.has(name)) found.push({ at, message: 'the same key occurs twice in one mapping' });
        else seen.add(name);
      }
    },
  });
  return found;
}
