import type { Path } from './document.ts';

/** A copy of `value` without the parts at `paths`, so that rules can look at what is left of a configuration with mistakes. */
export function without(value: unknown, paths: readonly Path[]): unknown {
  const copy = structuredClone(value);
  if (paths.some((path) => path.length === 0)) return undefined;
  for (const path of paths) remove(copy, path);
  return copy;
}

function remove(root: unknown, path: Path): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, part) => (isIndexable(at) ? at[part] : undefined), root);
  const last = path.at(-1);
  if (!isIndexable(parent) || last === undefined) return;
  // list positions must stay what they are in the file
  if (Array.isArray(parent)) parent[Number(last)] = undefined;
  else delete parent[last];
}

function isIndexable(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
