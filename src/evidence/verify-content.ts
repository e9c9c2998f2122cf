/** Whether the content of each registry is whole: every manifest and blob under its own digest, each of them said of the image, none left out. */
import type { PromotionPlan } from '../contract/plan.ts';
import { type Digest, isDigest, shortDigest } from '../domain/digest.ts';
import { imageIn, type KeptPromotion, type KeptRelease } from './derived.ts';
import type { EvidenceIndex } from './evidence-index.ts';
import { type Finding, proven, unproven, wrong } from './findings.ts';
import type { KeptRegistry } from './kept-registry.ts';
import { blobAt, type Part, registryPath } from './layout.ts';
import {
  blobsOf,
  childrenOf,
  type KeptContent,
  type KeptManifest,
  mediaTypeOf,
  speltContent,
  subjectOf,
  taggedForms,
} from './registry-content.ts';
import { nameOf } from './verify-release.ts';
import type { WholeBlobs } from './whole-blobs.ts';

type Registries = ReadonlyMap<string, KeptRegistry>;

export interface Archive {
  readonly parts: readonly Part[];
  readonly index: EvidenceIndex;
  readonly release: KeptRelease;
  readonly registries: Registries;
  readonly whole: WholeBlobs;
}

export function verifyContent(archive: Archive): readonly Finding[] {
  const { registries, release, index } = archive;
  return [
    ...[...registries].flatMap(([environment, registry]) => registryFindings(environment, registry, archive)),
    ...release.promotions.flatMap((one) => promotionFindings(one, registries, index.without)),
    ...strays(archive),
  ];
}

function registryFindings(
  environment: string,
  { content }: KeptRegistry,
  { parts, release, whole }: Archive,
): readonly Finding[] {
  const path = registryPath(environment);
  const details = { where: path, environment };
  const about = `what ${content.host} holds of ${content.repository}@${shortDigest(content.image)}`;
  if (content.environment !== environment || !release.promotions.some((one) => one.environment === environment))
    return [wrong('content', about, `it is none of an environment of this release`, details)];
  const { image, manifests } = content;
  const bytes = parts.find((part) => part.path === path)?.bytes ?? new Uint8Array();
  const tags = manifests.flatMap((one) => one.tags ?? []);
  const isOnce = [manifests.map((one) => one.digest), tags].every((all) => new Set(all).size === all.length);
  const isSpelt = Buffer.from(speltContent(content)).equals(bytes);
  const problems = [
    ...(isSpelt && isOnce ? [] : ['it is not written as an export writes it']),
    ...(manifests[0]?.digest === image ? [] : ['the image itself is not in it']),
    ...(image === imageIn(release) ? [] : [`the image of this release is ${imageIn(release) ?? 'none'}`]),
    ...problemsOf(content, whole),
  ];
  if (problems.length > 0) return problems.map((why) => wrong('content', about, why, details));
  const count = manifests.length - 1;
  return [proven('content', `${about}: ${count} further manifest${count === 1 ? '' : 's'}, byte by byte`, details)];
}

function problemsOf(content: KeptContent, whole: WholeBlobs): readonly string[] {
  const { image, manifests } = content;
  const listed = new Set(manifests.map((one) => one.digest));
  const images = new Set([image, ...childrenOf({ bytes: whole.get(image) ?? new Uint8Array() })]);
  const said = saidOf(images, content, whole);
  return manifests.flatMap((one) => {
    const bytes = whole.get(one.digest);
    if (bytes === undefined) return [`manifest ${one.digest} is missing, or has other bytes`];
    const type = mediaTypeOf(bytes);
    const typed =
      type === undefined || type === one.mediaType ? [] : [`manifest ${one.digest} is listed as ${one.mediaType}`];
    const own = images.has(one.digest)
      ? problemsOfImage(one, bytes, listed)
      : problemsOfReferrer(one, { bytes, said, whole });
    return [...typed, ...own];
  });
}

function problemsOfImage(
  { digest, blobs }: KeptManifest,
  bytes: Uint8Array,
  listed: ReadonlySet<Digest>,
): readonly string[] {
  const absent = childrenOf({ bytes }).filter((child) => !listed.has(child));
  const kept = blobs.length === 0 ? [] : [`manifest ${digest} is an image, and its content is not kept`];
  return [...kept, ...absent.map((child) => `platform ${child} is missing`)];
}

interface Referring {
  readonly bytes: Uint8Array;
  readonly said: Said;
  readonly whole: WholeBlobs;
}

function problemsOfReferrer({ digest, blobs, tags = [] }: KeptManifest, { bytes, said, whole }: Referring) {
  const named = blobsOf(bytes);
  const isListed = named.length === blobs.length && named.every((one) => blobs.includes(one));
  return [
    ...tags
      .filter((tag) => !said.forms.has(tag))
      .map((tag) => `manifest ${digest} has a tag that is no form of a signature: ${tag}`),
    ...(isListed ? [] : [`manifest ${digest} names other blobs than the list`]),
    ...named.filter((one) => !whole.has(one)).map((one) => `blob ${one} is missing, or has other bytes`),
    ...(said.manifests.has(digest) ? [] : [`manifest ${digest} is not said of this image`]),
  ];
}

interface Said {
  readonly manifests: ReadonlySet<Digest>;
  /** The tags by which something may be said of one of them. */
  readonly forms: ReadonlySet<string>;
}

/** What is said of the image, and of that in turn: nothing vouches for itself by a tag. */
function saidOf(images: ReadonlySet<Digest>, { manifests }: KeptContent, whole: WholeBlobs): Said {
  const subjects = new Map(manifests.map(({ digest }) => [digest, subjectOf(whole.get(digest) ?? new Uint8Array())]));
  const said = new Set(images);
  const forms = new Set([...images].flatMap(taggedForms));
  for (let size = -1; size !== said.size;) {
    size = said.size;
    for (const { digest, tags = [] } of manifests) {
      const subject = subjects.get(digest);
      const isSaid = (subject !== undefined && said.has(subject)) || tags.some((tag) => forms.has(tag));
      if (said.has(digest) || !isSaid) continue;
      said.add(digest);
      for (const form of taggedForms(digest)) forms.add(form);
    }
  }
  return { manifests: said, forms };
}

/** What the promotion has left there by its own account must be there. */
function promotionFindings(
  kept: KeptPromotion,
  registries: Registries,
  without: readonly string[],
): readonly Finding[] {
  const { environment, run } = kept;
  const { plan, outcome } = run;
  if (outcome?.kind !== 'released' || plan === undefined) return [];
  const about = nameOf(kept);
  const details = { where: registryPath(environment), environment };
  const registry = registries.get(environment);
  if (registry === undefined) {
    if (!without.includes(environment))
      return [wrong('content', about, `nothing of ${plan.targetRegistry} is in it`, details)];
    const why = `it was exported by somebody who might not read ${plan.targetRegistry}: what travelled on is looked at where it lies`;
    return [unproven('content', about, why, details)];
  }
  const { content } = registry;
  const manifests = content.manifests.find((one) => one.digest === plan.manifests);
  const problems = [
    ...(manifests === undefined ? [`the manifest artefact ${plan.manifests} is missing`] : []),
    ...(content.image === plan.image.digest ? [] : [`the registry's image is ${content.image}`]),
    ...(isTagged(content, plan) ? [] : [`its tag there is not ${plan.version}`]),
    ...(content.repository === plan.image.repository ? [] : [`the registry's repository is ${content.repository}`]),
    ...(content.host === plan.targetRegistry
      ? []
      : [`the registry is ${content.host}, planned was ${plan.targetRegistry}`]),
    ...leftBy(run.steps).flatMap((digest) =>
      content.manifests.some((one) => one.digest === digest)
        ? []
        : [`${digest}, which a step has left there, is missing`],
    ),
  ];
  if (problems.length > 0) return problems.map((why) => wrong('content', about, why, details));
  return [proven('manifests', `${about}: the manifests that it has applied are ${plan.manifests}`, details)];
}

/** Where a path begins the image may be known by its digest alone. */
function isTagged({ manifests }: KeptContent, { version, source, environment }: PromotionPlan): boolean {
  const tags = manifests[0]?.tags ?? [];
  return tags.join() === version || (tags.length === 0 && source === environment);
}

/** Steps that leave something beside the image in the environment's own registry, and the facts by which they name it. */
const LEAVES = ['import', 'copy-signatures', 'verify-destination', 'record'];
const NAMED = ['digest', 'manifests', 'signature', 'signatures', 'provenance', 'record'];

function leftBy(steps: KeptPromotion['run']['steps']): readonly string[] {
  const done = steps.filter((one) => LEAVES.includes(one.step) && one.state === 'done');
  const values = done.flatMap(({ facts = {} }) => NAMED.flatMap((name) => facts[name] ?? []));
  return values.flatMap((value) => value.split(' ').filter(isDigest));
}

/** Nothing may lie there that nobody names. */
function strays({ parts, registries }: Archive): readonly Finding[] {
  const named = new Set(
    [...registries.values()].flatMap(({ content }) => content.manifests.flatMap((one) => [one.digest, ...one.blobs])),
  );
  return parts.flatMap(({ path }) => {
    const digest = blobAt(path);
    if (digest === undefined || named.has(digest)) return [];
    return [wrong('content', 'what lies in the archive', 'nothing names this blob', { where: path })];
  });
}
