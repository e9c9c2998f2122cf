/**
 * What people see of what an apply would really change: each object as it stands, whoever made it so, against what a dry run of the
 * apply gives. Where others have a hand in it, it says so.
 */
import { pointerOf } from '../domain/json-pointer.ts';
import type { Foreign, ObjectChange, ValueChange } from '../domain/manifest-change.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { identityOf, isSecret, type Listed, listed, whole } from './changes.ts';
import { type Difference, differences, nameOf } from './differences.ts';
import { foreignOwner } from './owners.ts';
import type { Path } from './parse.ts';
import { shownValues } from './shown-values.ts';
import { memberOf, statedAt } from './stated.ts';

export interface TriedObject {
  /** As the manifests state it. */
  readonly stated: ManifestObject;
  /** As it stands in the cluster; undefined: it does not. */
  readonly live: ManifestObject | undefined;
  /** As it would stand there. */
  readonly then: ManifestObject;
}

/** `previous`: what the manifests of the running version state; empty where there are none, or none that can be read. */
export function clusterChanges(tried: readonly TriedObject[], previous: readonly ManifestObject[]): Listed {
  const was = new Map(previous.map((object) => [identityOf(object), object]));
  const is = new Set(tried.map(({ stated }) => identityOf(stated)));
  const changed = [
    ...tried.flatMap((one) => changeOf(one, was.get(identityOf(one.stated)))),
    ...previous.filter((object) => !is.has(identityOf(object))).map((object) => whole(object, 'removed')),
  ];
  return listed(changed, tried.length);
}

function changeOf({ stated, live, then }: TriedObject, before: ManifestObject | undefined): readonly ObjectChange[] {
  if (live === undefined) return [{ ...whole(stated, 'added'), ...(before === undefined ? {} : { foreign: true }) }];
  const found = differences(withoutBookkeeping(live), withoutBookkeeping(then));
  if (found.length === 0) return [];
  const told = found.map((one) => ({ one, foreign: foreignOf(one, { live, then, before }) }));
  const values = told.flatMap(({ one, foreign }): readonly ValueChange[] => {
    const mark = foreign === undefined ? {} : { foreign };
    if (isSecret(one, stated.kind) || mayBeSecret(one, foreign, { stated, live, then }))
      return [{ path: pointerOf(one.path), hidden: true, ...mark }];
    return shownValues(one).map((value) => ({ ...value, ...mark }));
  });
  const isForeign = told.some(({ foreign }) => foreign !== undefined);
  return [{ ...whole(stated, 'changed'), values, ...(isForeign ? { foreign: true } : {}) }];
}

/** What the API server writes down of its own for each write, and what controllers report. */
export const BOOKKEEPING: readonly string[] = [
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'selfLink',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

function withoutBookkeeping({ status: _, metadata, ...rest }: ManifestObject): object {
  return {
    ...rest,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !BOOKKEEPING.includes(key))),
  };
}

interface Sides {
  readonly live: ManifestObject;
  readonly then: ManifestObject;
}

/** Somebody else has set what stands there; or what the running version has put there is gone. */
function foreignOf(
  { path, before, after }: Difference,
  sides: Sides & { readonly before: ManifestObject | undefined },
): Foreign | undefined {
  if (before !== undefined) return after === undefined ? undefined : foreignOwner(sides.live, before.at);
  return sides.before !== undefined && statedAt(sides.before, sides.then, path) !== undefined ? {} : undefined;
}

const TELLING = /pass(?:word|wd|phrase)|pwd|secret|token|credential|(?:api|access|account|private)[-_]?key/i;

/**
 * What the manifests state is in a repository already. What others have set in the cluster, and what its admission adds, is not: where
 * its place or its words speak of something secret, it is not shown.
 */
function mayBeSecret(
  difference: Difference,
  foreign: Foreign | undefined,
  { stated, live, then }: Sides & { readonly stated: ManifestObject },
): boolean {
  const { path, after } = difference;
  const said = statedAt(stated, then, path);
  const isStated = after === undefined || (said !== undefined && differences(said.value, after.value).length === 0);
  if (isStated && foreign === undefined) return false;
  return soundsSecret(difference, { live, then });
}

/** The keys on the way there, or what stands there on either side, speak of something secret. */
export function soundsSecret({ path, before, after }: Difference, { live, then }: Sides): boolean {
  const names = after === undefined ? namesOn(live, before?.at ?? []) : namesOn(then, path);
  return TELLING.test(JSON.stringify([names, before?.value ?? null, after?.value ?? null]));
}

/** The keys on the way there, and the names of the items that it leads through. */
function namesOn(object: ManifestObject, path: Path): readonly string[] {
  let at: unknown = object;
  return path.flatMap((key) => {
    at = memberOf(at, key);
    return [String(key), nameOf(at) ?? ''];
  });
}
