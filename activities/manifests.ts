/** Manifests by digest: from a registry to objects with the image set. Used by plan, apply and the way back. */
import type { No } from '../src/contract/activities.ts';
import type { PromotionPlan, PromotionRecord } from '../src/contract/plan.ts';
import { parseDigest, shortDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import { formatImage } from '../src/domain/image-reference.ts';
import type { ManifestObject } from '../src/domain/manifest-object.ts';
import type { ManifestRules } from '../src/domain/manifest-rules.ts';
import type { ProofVerdict, SignatureRule } from '../src/domain/proof.ts';
import { LARGEST_LAYER, readArtefactManifest, unpackManifests } from '../src/manifests/artefact.ts';
import { type ManifestFile, ManifestsError } from '../src/manifests/manifest-file.ts';
import { renderManifests } from '../src/manifests/render.ts';
import { PortError } from '../src/ports/port-error.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';
import { proveManifests } from '../src/proofs/prove-manifests.ts';
import type { Zone } from './zone.ts';

export type Manifests =
  | { readonly ok: true; readonly objects: readonly ManifestObject[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** What the plan wants to apply, judged by the rules that the environment has now. */
export function readManifests({ rulebook }: Zone, registry: RegistryReader, plan: PromotionPlan): Promise<Manifests> {
  const rules = rulebook.environments[plan.environment]?.manifests ?? {};
  return read(registry, plan, { ...plan, rules });
}

/** What was applied here: it was judged then, by the workloads that the service had then. */
export function readApplied(
  registry: RegistryReader,
  plan: PromotionPlan,
  { manifests, image }: Pick<PromotionRecord, 'manifests' | 'image'>,
): Promise<Manifests> {
  return read(registry, plan, { manifests, image, workloads: [], rules: 'judged-before' });
}

/** Whether those have signed the manifests whose signatures this environment wants; empty: it wants nobody's. */
export async function manifestsProof(
  zone: Zone,
  registry: RegistryReader,
  { image: { repository }, manifests }: PromotionPlan,
): Promise<readonly ProofVerdict[]> {
  const wanted = manifestSigners(zone);
  if (wanted === undefined) return [];
  const artefact = { repository, digest: parseDigest(manifests) };
  return [await proveManifests(zone.ports.signatures, { registry, artefact, wanted })];
}

/** By whom the manifests must be signed here; undefined: by nobody. */
export function manifestSigners({ rulebook, environment }: Zone): SignatureRule | undefined {
  return rulebook.environments[environment]?.proofs?.manifests;
}

interface Wanted extends Pick<PromotionRecord, 'manifests' | 'image'> {
  readonly workloads: readonly string[];
  readonly rules: ManifestRules | 'judged-before';
}

async function read(registry: RegistryReader, plan: PromotionPlan, wanted: Wanted): Promise<Manifests> {
  const found = await filesOf(registry, plan.image.repository, wanted.manifests, wanted.image.digest);
  return found.ok ? rendered(plan, wanted, found.files) : found;
}

/** Files that nobody has published, judged as those of a published artefact are. */
export function renderedFrom({ rulebook }: Zone, plan: PromotionPlan, files: readonly ManifestFile[]): Manifests {
  return rendered(plan, { ...plan, rules: rulebook.environments[plan.environment]?.manifests ?? {} }, files);
}

function rendered(
  { service, environment, namespace, targetRegistry, image: { repository } }: PromotionPlan,
  { image, workloads, rules }: Omit<Wanted, 'manifests'>,
  files: readonly ManifestFile[],
): Manifests {
  const reference = formatImage({ repository, digest: parseDigest(image.digest) }, targetRegistry);
  const made = renderManifests({ files, environment, namespace, repository, image: reference, workloads, rules });
  if (made.ok) return made;
  const { code, problems } = made;
  const got = problems.map((one) => `${one.where}: ${one.message}`).join('; ');
  const message = `${problems.length} problem${problems.length === 1 ? '' : 's'} in the manifests of ${service} for ${environment}`;
  const remedies = problems.flatMap(({ remedy }) => remedy ?? []);
  const remedy =
    code === 'manifests-invalid' ? 'correct the files and start a new version' : [...new Set(remedies)].join('; ');
  return { ok: false, refusal: { code, message, got, remedy } };
}

/** Content that is named by its digest is what it is: what is wrong with it is a no, and no failure that somebody could mend. */
async function filesOf(
  registry: RegistryReader,
  repository: string,
  artefact: string,
  image: string,
): Promise<{ readonly ok: true; readonly files: readonly ManifestFile[] } | No> {
  try {
    return { ok: true, files: await unpackManifests(await layerOf(registry, repository, artefact, image)) };
  } catch (error) {
    if (!(error instanceof ManifestsError)) throw error;
    const name = `manifest artefact ${repository}@${shortDigest(artefact)} in ${registry.host}`;
    const refusal = { code: error.code, message: `${name} cannot be used`, got: error.message };
    return { ok: false, refusal: { ...refusal, remedy: 'publish the manifests again and start a new version' } };
  }
}

/** The artefact must belong to the image: whoever may push to the repository could otherwise pair an image with any manifests. */
async function layerOf(
  registry: RegistryReader,
  repository: string,
  artefact: string,
  image: string,
): Promise<Uint8Array> {
  const stored = await registry.manifest(repository, parseDigest(artefact));
  if (stored === undefined) {
    throw new PortError('manifests-missing', `${registry.host} has no manifest artefact ${repository}@${artefact}`, {
      retry: 'no',
      expected: artefact,
      got: 'no such manifest',
      remedy: 'start the release with "sluice start", which publishes the manifests beside the image',
    });
  }
  const { layer, subject } = readArtefactManifest(stored);
  if (subject !== image) {
    const message = `belongs to ${subject ?? 'no image'}, not to ${image}`;
    throw new ManifestsError('manifests-invalid', [{ where: 'manifest artefact', message }]);
  }
  return registry.blob(repository, layer.digest, LARGEST_LAYER);
}
