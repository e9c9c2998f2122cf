/** Who has set a value of an object in the cluster, by what the API server notes of each program that writes (`managedFields`). */
import { FIELD_MANAGER } from '../domain/field-manager.ts';
import type { Foreign } from '../domain/manifest-change.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { plainText } from '../domain/plain-text.ts';
import { isObject, type JsonObject } from './differences.ts';
import type { Path } from './parse.ts';
import { memberOf } from './stated.ts';

interface Entry {
  readonly manager?: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: JsonObject;
}

const LONGEST_NAME = 80;

/** Whoever else has set it; undefined: Sluice has, or nobody, as with defaults. */
export function foreignOwner(object: ManifestObject, path: Path): Foreign | undefined {
  const owners = entriesOf(object).filter(({ fieldsV1 = {} }) => owns(fieldsV1, object, path));
  if (owners.some(({ manager }) => manager === FIELD_MANAGER)) return undefined;
  const [last] = owners.toSorted((one, other) => (other.time ?? '').localeCompare(one.time ?? ''));
  if (last === undefined) return undefined;
  const { manager = 'a program without a name', time } = last;
  return { by: plainText(manager, LONGEST_NAME), ...(time === undefined ? {} : { at: plainText(time, LONGEST_NAME) }) };
}

function entriesOf({ metadata: { managedFields } }: ManifestObject): readonly Entry[] {
  const entries: readonly Entry[] = Array.isArray(managedFields) ? managedFields.filter(isObject) : [];
  return entries.filter(({ subresource, fieldsV1 }) => subresource !== 'status' && isObject(fieldsV1));
}

/** The fields form a tree beside the object; where it ends, the rest is owned as a whole. */
function owns(fields: JsonObject, object: unknown, path: Path): boolean {
  if (Object.keys(fields).length === 0) return false;
  let [node, value]: [JsonObject, unknown] = [fields, object];
  for (const key of path) {
    if (Object.keys(node).length === 0) return true;
    const next = Array.isArray(value) ? itemIn(node, value, Number(key)) : node[`f:${key}`];
    if (!isObject(next)) return false;
    [node, value] = [next, memberOf(value, key)];
  }
  return true;
}

/** Items are named by their keys (`k:{"name":"iam"}`), by their value (`v:"a"`), or by their place (`i:0`). */
function itemIn(node: JsonObject, list: readonly unknown[], index: number): unknown {
  const item = list[index];
  const isMeant = (name: string): boolean => {
    if (name === `i:${index}`) return true;
    if (name.startsWith('v:')) return name.slice(2) === JSON.stringify(item);
    const keys = keysIn(name);
    return keys !== undefined && Object.entries(keys).every(([key, one]) => memberOf(item, key) === one);
  };
  return Object.entries(node).find(([name]) => isMeant(name))?.[1];
}

function keysIn(name: string): JsonObject | undefined {
  if (!name.startsWith('k:')) return undefined;
  try {
    const keys: unknown = JSON.parse(name.slice(2));
    return isObject(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}
