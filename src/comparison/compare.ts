/** What the legacy deployment and Sluice have made of the same services: object by object, nothing is looked up. */
import { isDigest } from '../domain/digest.ts';
import { pointerOf } from '../domain/json-pointer.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import type { ValueChange } from '../domain/manifest-change.ts';
import { isSecret } from '../manifests/changes.ts';
import { type Difference, differences } from '../manifests/differences.ts';
import { imageSites, withImages } from '../manifests/image-sites.ts';
import { soundsSecret } from '../manifests/in-the-cluster.ts';
import type { Path } from '../manifests/parse.ts';
import { shownValues } from '../manifests/shown-values.ts';
import { isFilledIn, isSameQuantity } from './defaults.ts';
import { comparable, type Ignored, isIgnored } from './ignored.ts';
import { type DigestOf, digestsIn } from './images.ts';
import { type Compared, own } from './own.ts';

/** `unknown`: a tag of which nobody has written down what it stands for. */
export type Answer = 'equal' | 'different' | 'missing' | 'unknown';
export type What = 'image' | 'replicas' | 'configuration';

export interface ObjectAnswer {
  /** `deployment/iam`. */
  readonly object: string;
  readonly answer: Answer;
  /** Of what is missing: on which side. */
  readonly missingIn?: 'legacy' | 'sluice';
  readonly values: readonly (ValueChange & { readonly what: What })[];
  /** Paths of {@link Ignored} that have covered something here; absent: none has. */
  readonly ignored?: readonly string[];
}

export interface ServiceAnswer {
  readonly service: string;
  readonly answer: Answer;
  readonly objects: readonly ObjectAnswer[];
}

/** One side as it was recorded, read once for all of its services. */
export interface Side {
  readonly objects: readonly ManifestObject[];
  readonly digestOf: DigestOf;
  /** They are as manifests state them: what the API server fills in is not in them. */
  readonly isStated: boolean;
}

export function sideOf(objects: readonly ManifestObject[], isStated = false): Side {
  return { objects, digestOf: digestsIn(objects), isStated };
}

export function compareService(one: Compared, legacy: Side, sluice: Side, ignored: readonly Ignored[]): ServiceAnswer {
  const [before, after] = [own(one, one.legacyNamespace, legacy.objects), own(one, one.namespace, sluice.objects)];
  const sides = { ignored, digestBefore: legacy.digestOf, digestAfter: sluice.digestOf, isStated: sluice.isStated };
  const names = [...new Set([...one.workloads, ...before.keys(), ...after.keys()])];
  const objects = names.map((object): ObjectAnswer => {
    const [was, is] = [before.get(object), after.get(object)];
    if (was !== undefined && is !== undefined) return compared(object, was, is, sides);
    return { object, answer: 'missing', missingIn: was === undefined ? 'legacy' : 'sluice', values: [] };
  });
  return { service: one.service, answer: worst(objects.map(({ answer }) => answer)), objects };
}

/** `missing` says more than `different`, and that more than "nobody knows". */
function worst(answers: readonly Answer[]): Answer {
  return (['missing', 'different', 'unknown'] as const).find((one) => answers.includes(one)) ?? 'equal';
}

interface Sides {
  readonly ignored: readonly Ignored[];
  readonly digestBefore: DigestOf;
  readonly digestAfter: DigestOf;
  readonly isStated: boolean;
}

function compared(object: string, was: ManifestObject, is: ManifestObject, sides: Sides): ObjectAnswer {
  const [before, after] = [byDigest(was, sides.digestBefore), byDigest(is, sides.digestAfter)];
  const all = differences(comparable(before.object), comparable(after.object)).filter(
    (one) => !(sides.isStated && (isFilledIn(one, before.object) || isSameQuantity(one))),
  );
  const found = all.filter(({ path }) => !isIgnored(path, sides.ignored));
  const told = found.map((one) => ({ one, what: whatOf(one), answer: answerOf(one) }));
  // one name on both sides is no word about what it stands for on either
  const unresolved = [...before.unresolved, ...after.unresolved];
  const isUnknown = unresolved.some((path) => !isIgnored(path, sides.ignored));
  const covering = sides.ignored.filter((one) =>
    [...all.map(({ path }) => path), ...unresolved].some((path) => isIgnored(path, [one])),
  );
  const values = told.flatMap(({ one, what }) =>
    shown(asNamed(one, was, is), was, is).map((value) => ({ ...value, what })),
  );
  return {
    object,
    answer: worst([...told.map(({ answer }) => answer), ...(isUnknown ? ['unknown' as const] : [])]),
    values,
    ...(covering.length === 0 ? {} : { ignored: covering.map(({ path }) => path) }),
  };
}

/** What somebody has said not to mind, and nothing differs there (any more): it may be taken out of the file. */
export function unusedOf(ignored: readonly Ignored[], answers: readonly ServiceAnswer[]): readonly Ignored[] {
  const used = new Set(answers.flatMap(({ objects }) => objects.flatMap((one) => one.ignored ?? [])));
  return ignored.filter(({ path }) => !used.has(path));
}

const IMAGE = /\/(?:containers|initContainers|ephemeralContainers)\/\d+\/image$|\/image\/reference$/;

interface ByDigest {
  readonly object: ManifestObject;
  /** Where a name stands of which nobody has said what it stands for. */
  readonly unresolved: readonly Path[];
}

/** Registries and tags differ by design, digests must not: each name is taken for the digest that it stands for. */
function byDigest(object: ManifestObject, digestOf: DigestOf): ByDigest {
  const sites = imageSites(object).map((site) => ({ ...site, digest: digestOf(site.image) }));
  return {
    object: sites.reduce(
      (now, { path, digest }) => (digest === undefined ? now : withImages(now, [path], digest)),
      object,
    ),
    unresolved: sites.filter(({ digest }) => digest === undefined).map(({ path }) => path),
  };
}

/** With the names in the place of the digests, as people know them. */
function asNamed(one: Difference, was: ManifestObject, is: ManifestObject): Difference {
  const { path, before, after } = one;
  if (!IMAGE.test(pointerOf(path)) || before === undefined || after === undefined) return one;
  return { path, before: { ...before, value: valueAt(was, before.at) }, after: { value: valueAt(is, path) } };
}

function valueAt(object: ManifestObject, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], object);
}

function whatOf({ path }: Difference): What {
  const pointer = pointerOf(path);
  if (IMAGE.test(pointer)) return 'image';
  return pointer === '/spec/replicas' ? 'replicas' : 'configuration';
}

/** Two digests differ; a digest and a name of which nobody knows more may be the same. */
function answerOf({ path, before, after }: Difference): Answer {
  if (!IMAGE.test(pointerOf(path))) return 'different';
  return isDigest(String(before?.value)) && isDigest(String(after?.value)) ? 'different' : 'unknown';
}

/** Nobody's secret is told, whichever side it stands on. */
function shown(difference: Difference, was: ManifestObject, is: ManifestObject): readonly ValueChange[] {
  const isHidden = isSecret(difference, is.kind) || soundsSecret(difference, { live: was, then: is });
  return isHidden ? [{ path: pointerOf(difference.path), hidden: true }] : shownValues(difference);
}
