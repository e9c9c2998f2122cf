/** What people see of the difference between two sets of manifests: object by object, value by value, no secrets, never too much. */
import { pointerOf } from '../domain/json-pointer.ts';
import type { ManifestChanges, ObjectChange, ValueChange } from '../domain/manifest-change.ts';
import { type ManifestObject, refOf } from '../domain/manifest-object.ts';
import { groupOf } from '../domain/kinds.ts';
import { type Difference, differences } from './differences.ts';
import { shownValues } from './shown-values.ts';

const MOST_OBJECTS = 50;
const MOST_VALUES = 100;
/** Of JSON, in bytes: it travels with the plan and is kept with it. */
const LARGEST_LIST = 6_000;
const LARGEST_VALUES = 14_000;

/** What is shown of all that changes; the rest is counted. */
export type Listed = Pick<ManifestChanges, 'objects' | 'same' | 'more'>;

/** `before` and `after` as rendered for the same environment; `against` names the version that `before` belongs to. */
export function manifestChanges(
  before: readonly ManifestObject[],
  after: readonly ManifestObject[],
  against?: string,
): ManifestChanges {
  const was = new Map(before.map((object) => [identityOf(object), object]));
  const is = new Set(after.map(identityOf));
  const changed = [
    ...after.flatMap((object) => changeOf(was.get(identityOf(object)), object)),
    ...before.filter((object) => !is.has(identityOf(object))).map((object) => whole(object, 'removed')),
  ];
  return { ...(against === undefined ? {} : { against }), ...listed(changed, after.length) };
}

/** Of `total` objects that are stated, those that change. */
export function listed(changed: readonly ObjectChange[], total: number): Listed {
  const shown = upTo(MOST_OBJECTS, LARGEST_LIST, changed, ({ ref }) => ref);
  return {
    objects: withValues(shown),
    same: total - changed.filter((one) => one.change !== 'removed').length,
    more: changed.length - shown.length,
  };
}

/** An object keeps its identity when its API moves to another version. */
export function identityOf({ apiVersion, kind, metadata }: ManifestObject): string {
  return [groupOf(apiVersion), kind, metadata.namespace, metadata.name].join('/');
}

function changeOf(before: ManifestObject | undefined, after: ManifestObject): readonly ObjectChange[] {
  if (before === undefined) return [whole(after, 'added')];
  const found = differences(before, after);
  if (found.length === 0) return [];
  return [{ ...whole(after, 'changed'), values: found.flatMap((one) => valuesOf(one, after.kind)) }];
}

/** Without its values. */
export function whole(object: ManifestObject, change: ObjectChange['change']): ObjectChange {
  return { ref: refOf(object, object.metadata.namespace ?? ''), change, values: [], more: 0 };
}

function valuesOf(difference: Difference, kind: string): readonly ValueChange[] {
  return isSecret(difference, kind) ? [{ path: pointerOf(difference.path), hidden: true }] : shownValues(difference);
}

/** Contents of secrets are shown to nobody: also not those of sealed or external ones, nor what `stringData` says elsewhere. */
export function isSecret(difference: Difference, kind: string): boolean {
  return /secret/i.test(kind) || JSON.stringify(difference).includes('"stringData"');
}

/** One value of each object in turn, so that none is hidden behind another one that changes in many places. */
function withValues(objects: readonly ObjectChange[]): readonly ObjectChange[] {
  const inTurn = objects
    .flatMap(({ values }) => values.map((value, turn) => ({ value, turn })))
    .toSorted((one, other) => one.turn - other.turn)
    .map(({ value }) => value);
  const listed = new Set(upTo(MOST_VALUES, LARGEST_VALUES, inTurn, (value) => value));
  return objects.map((object) => {
    const values = object.values.filter((value) => listed.has(value));
    return { ...object, values, more: object.values.length - values.length };
  });
}

/** In order, what fits; something too large hides nothing that comes after it. */
function upTo<Item>(most: number, bytes: number, items: readonly Item[], shown: (item: Item) => unknown): Item[] {
  const kept: Item[] = [];
  let room = bytes;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(shown(item)));
    if (kept.length >= most || size > room) continue;
    kept.push(item);
    room -= size;
  }
  return kept;
}
