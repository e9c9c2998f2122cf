/** Whether the content of each registry is whole: every manifest and blob under its own digest, each of them said of the image, none left out. */
import type { PromotionPlan } from '../contract/plan.ts';
import { digestOf } from '../content/digest-of.ts';
import { type Digest, isDigest, shortDigest } from '../domain/digest.ts';
import type { KeptPromotion, KeptRelease } from './derived.ts';
import type { EvidenceIndex } from './evidence-index.ts';
import { type Finding, proven, unproven, wrong } from './findings.ts';
import type { KeptRegistry } from './kept-registry.ts';
import { blobAt, blobPath, type Part, registryPath } from './layout.ts';
import { nameOf } from './verify-release.ts';
import {
  blobsOf,
  childrenOf,
  type KeptManifest,
  mediaTypeOf,
  speltContent,
  subjectOf,
  taggedForms,
} from './registry-content.ts';

type Registries = ReadonlyMap<string, KeptRegistry>;

export function verifyContent(
  parts: readonly Part[],
  { without }: EvidenceIndex,
  release: KeptRelease,
  registries: Registries,
): readonly Finding[] {
  const at = new Map(parts.map((part) => [part.path, part.bytes]));
  return [
    ...[...registries].flatMap(([environment, registry]) => registryFindings(environment, registry, release, at)),
    ...release.promotions.flatMap((one) => promotionFindings(one, registries, without)),
    ...strays(parts, registries),
  ];
}

function registryFindings(
  environment: string,
  { content }: KeptRegistry,
  { promotions }: KeptRelease,
  at: ReadonlyMap<string, Uint8Array>,
): readonly Finding[] {
  const details = { where: registryPath(environment), environment };
  const about = `what ${content.host} holds of ${content.repository}@${shortDigest(content.image)}`;
  if (content.environment !== environment || !promotions.some((one) => one.environment === environment))
    return [wrong('content', about, `it is none of an environment of this release`, details)];
  const [image] = content.manifests;
  const isSpelt = Buffer.from(speltContent(content)).equals(at.get(registryPath(environment)) ?? new Uint8Array());
  const isOnce = new Set(content.manifests.map((one) => one.digest)).size === content.manifests.length;
  const problems = [
    ...(isSpelt && isOnce ? [] : ['it is not written as an export writes it']),
    ...(image?.digest === content.image ? [] : ['the image itself is not in it']),
    ...content.manifests.flatMap((one) => problemsOf(one, content, at)),
  ];
  if (problems.length > 0) return problems.map((why) => wrong('content', about, why, details));
  const count = content.manifests.length - 1;
  return [proven('content', `${about}: ${count} further manifest${count === 1 ? '' : 's'}, byte by byte`, details)];
}

function problemsOf(
  { digest, mediaType, blobs, tags = [] }: KeptManifest,
  { image, manifests }: KeptRegistry['content'],
  at: ReadonlyMap<string, Uint8Array>,
): readonly string[] {
  const bytes = bytesOf(digest, at);
  if (bytes === undefined) return [`manifest ${digest} is missing, or has other bytes`];
  const images = [image, ...childrenOf({ bytes: bytesOf(image, at) ?? new Uint8Array() })];
  const type = mediaTypeOf(bytes);
  const typed = type === undefined || type === mediaType ? [] : [`manifest ${digest} is listed as ${mediaType}`];
  if (images.includes(digest)) {
    const absent = childrenOf({ bytes }).filter((child) => !manifests.some((one) => one.digest === child));
    const kept = blobs.length === 0 ? [] : [`manifest ${digest} is an image, and its content is not kept`];
    return [...typed, ...kept, ...absent.map((child) => `platform ${child} is missing`)];
  }
  const named = blobsOf(bytes);
  const isListed = named.length === blobs.length && named.every((one) => blobs.includes(one));
  const subject = subjectOf(bytes);
  const isForm = (tag: string): boolean => images.some((one) => taggedForms(one).includes(tag));
  const isSaidOfIt = (subject !== undefined && manifests.some((one) => one.digest === subject)) || tags.some(isForm);
  return [
    ...typed,
    ...tags
      .filter((tag) => !isForm(tag))
      .map((tag) => `manifest ${digest} has a tag that is no form of a signature: ${tag}`),
    ...(isListed ? [] : [`manifest ${digest} names other blobs than the list`]),
    ...named.filter((one) => bytesOf(one, at) === undefined).map((one) => `blob ${one} is missing, or has other bytes`),
    ...(isSaidOfIt ? [] : [`manifest ${digest} is not said of this image`]),
  ];
}

function bytesOf(digest: Digest, at: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  const bytes = at.get(blobPath(digest));
  return bytes !== undefined && digestOf(bytes) === digest ? bytes : undefined;
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
function isTagged({ manifests }: KeptRegistry['content'], { version, source, environment }: PromotionPlan): boolean {
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
function strays(parts: readonly Part[], registries: Registries): readonly Finding[] {
  const named = new Set(
    [...registries.values()].flatMap(({ content }) => content.manifests.flatMap((one) => [one.digest, ...one.blobs])),
  );
  return parts.flatMap(({ path }) => {
    const digest = blobAt(path);
    if (digest === undefined || named.has(digest)) return [];
    return [wrong('content', 'what lies in the archive', 'nothing names this blob', { where: path })];
  });
}
