/** What a manifest says of a place in the object that came of it. The server may have moved it there, and says more around it. */
import { isObject, nameOf } from './differences.ts';
import type { Path } from './parse.ts';

/** Undefined: it says nothing of that place. */
export function statedAt(manifest: unknown, object: unknown, path: Path): { readonly value: unknown } | undefined {
  let [said, there] = [manifest, object];
  for (const key of path) {
    const item = memberOf(there, key);
    said = Array.isArray(there) ? itemLike(said, item) : memberOf(said, key);
    if (said === undefined) return undefined;
    there = item;
  }
  return { value: said };
}

/** What stands there in a JSON value; undefined: nothing does. */
export function memberOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function itemLike(list: unknown, item: unknown): unknown {
  if (!Array.isArray(list)) return undefined;
  const name = nameOf(item);
  return list.find((one) => (name === undefined ? covers(item, one) : nameOf(one) === name));
}

/** Whether all that is said of it is true of the item. */
function covers(item: unknown, said: unknown): boolean {
  if (Array.isArray(said))
    return Array.isArray(item) && said.length === item.length && said.every((one, at) => covers(item[at], one));
  if (!isObject(said)) return item === said;
  return isObject(item) && Object.entries(said).every(([key, one]) => covers(memberOf(item, key), one));
}
