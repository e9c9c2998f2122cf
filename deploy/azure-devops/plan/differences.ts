/** Wanted against seen: pure, so that what `plan` shows is what `apply` does. */
import { identity, type Item, type Seen, type Value } from './item.ts';

export interface Field {
  readonly name: string;
  readonly have: Value | undefined;
  readonly want: Value | undefined;
}
export type Change =
  | { readonly action: 'create'; readonly item: Item }
  | { readonly action: 'update'; readonly item: Item; readonly id: string; readonly fields: readonly Field[] }
  | { readonly action: 'remove'; readonly item: Seen; readonly id: string };

export interface Difference {
  /** In the order in which they are made. */
  readonly changes: readonly Change[];
  /** Made by this program or on something of it, no longer described: removed with --prune only. */
  readonly leftOver: readonly Change[];
  readonly same: number;
}

/** What has to be done so that the project is as described. */
export function differences(wishes: readonly Item[], seen: readonly Seen[]): Difference {
  const free = new Map<string, Seen[]>();
  for (const one of seen) free.set(identity(one), [...(free.get(identity(one)) ?? []), one]);
  const changes: Change[] = [];
  let same = 0;
  for (const item of wishes) {
    const found = free.get(identity(item))?.shift();
    if (found === undefined) {
      changes.push({ action: 'create', item });
      continue;
    }
    const fields = fieldsOf(item, found);
    if (fields.length === 0) same += 1;
    else changes.push({ action: 'update', item, id: found.id, fields });
  }
  const leftOver = [...free.values()].flat().filter((one) => one.ours);
  return { changes, leftOver: leftOver.sort(byUse).map((item) => ({ action: 'remove', item, id: item.id })), same };
}

/** A group may hang on a connection, so that it goes first; checks go before what they stand on. */
const ORDER = ['permission', 'check', 'variable group', 'connection', 'environment', 'settings'];
const byUse = (a: Item, b: Item) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);

function fieldsOf(item: Item, found: Seen): Field[] {
  const names = [...new Set([...Object.keys(item.values), ...Object.keys(found.values)])];
  return names.flatMap((name) => {
    const [have, want] = [found.values[name], item.values[name]];
    if (JSON.stringify(have) === JSON.stringify(want)) return [];
    return [{ name, have: name === 'variables' ? withoutValues(have, want) : have, want }];
  });
}

/** What somebody typed into a group by hand may be a secret: only values of the description are repeated. */
function withoutValues(have: Value | undefined, want: Value | undefined): Value | undefined {
  if (!Array.isArray(have)) return have;
  const known = new Set(Array.isArray(want) ? want : []);
  return (have as string[]).map((entry) =>
    known.has(entry) ? entry : `${entry.slice(0, entry.indexOf('='))}=(another value)`,
  );
}
