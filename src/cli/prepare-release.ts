/** Everything about a release that can be known before it starts: service, image, manifests. Changes nothing. */
import { ANY_DIGEST } from './any-digest.ts';
import { assertKey } from '../client/keys.ts';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { Built } from '../contract/release-workflow.ts';
import type { Priority } from '../domain/turns.ts';
import type { Config } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import { type Digest, parseDigest } from '../domain/digest.ts';
import { type ImageReference, parseImageReference } from '../domain/image-reference.ts';
import { namespaceOf, type ServiceRules } from '../domain/rulebook.ts';
import { type PackedManifests, packManifests } from '../manifests/artefact.ts';
import type { ManifestFile } from '../manifests/manifest-file.ts';
import { readFolder } from '../manifests/read-folder.ts';
import { renderManifests } from '../manifests/render.ts';
import type { RegistryReader, StoredManifest } from '../ports/registry-reader.ts';
import { notPassed } from './not-passed.ts';
import { publishedManifests } from './published-manifests.ts';

export interface ReleaseWish {
  readonly service: string;
  readonly version: string;
  /** `iam:1.2.3`, `iam@sha256:…`; the version as a tag of the service's repository unless given. */
  readonly image?: string;
  /** Digest of manifests that are published beside the image already; undefined: those of the service's folder. */
  readonly manifests?: string;
  readonly until?: string;
  readonly ticket?: string;
  readonly allowOlder?: boolean;
  readonly priority?: Priority;
  readonly built?: Built;
}

export interface PreparedRelease {
  readonly service: ServiceRules;
  /** Environments that it will pass. */
  readonly path: readonly string[];
  readonly first: string;
  readonly digest: Digest;
  /** `iam@sha256:…`. */
  readonly image: string;
  /** Digest of the artefact that holds the manifests. */
  readonly manifests: Digest;
  /** What is in it. */
  readonly files: readonly ManifestFile[];
  /** To be published; undefined: it is. */
  readonly packed?: PackedManifests;
}

export interface PackedRelease extends PreparedRelease {
  readonly packed: PackedManifests;
}

type ReaderOf = (environment: string) => Promise<RegistryReader>;

/** Throws `service-unknown`, `environment-unknown`, `version-malformed`, `reference-malformed`, `manifests-…`, `image-not-found`, and what the registry throws. */
export async function prepareRelease(config: Config, wish: ReleaseWish, readerOf: ReaderOf): Promise<PreparedRelease> {
  if (wish.manifests === undefined) return packRelease(config, wish, readerOf);
  const asked = read(config, wish);
  const { service, path } = asked;
  const manifests = parseDigest(wish.manifests);
  const { registry, stored, ...image } = await imageOf(asked, wish, readerOf);
  const files = await publishedManifests(registry, service.repository, manifests, stored.digest);
  assertManifests(config, service, path, files);
  return { service, path, ...image, manifests, files };
}

/** From the files of the service's folder. Throws as {@link prepareRelease}. */
export async function packRelease(config: Config, wish: ReleaseWish, readerOf: ReaderOf): Promise<PackedRelease> {
  const asked = read(config, wish);
  const { service, path } = asked;
  const files = await readFolder(config.manifests[service.name] ?? '');
  assertManifests(config, service, path, files);
  const { stored, registry: _, ...image } = await imageOf(asked, wish, readerOf);
  const subject = { digest: stored.digest, mediaType: stored.mediaType, size: stored.bytes.byteLength };
  const packed = await packManifests(files, subject);
  return { service, path, ...image, manifests: packed.manifestDigest, packed, files };
}

interface Read {
  readonly service: ServiceRules;
  readonly path: readonly string[];
  readonly reference: ImageReference;
}

function read(config: Config, wish: ReleaseWish): Read {
  const service = serviceOf(config, wish.service);
  return { service, path: pathOf(service, wish.until), reference: referenceOf(service, wish) };
}

interface Found extends Pick<PreparedRelease, 'first' | 'digest' | 'image'> {
  readonly registry: RegistryReader;
  readonly stored: StoredManifest;
}

async function imageOf({ service, path, reference }: Read, wish: ReleaseWish, readerOf: ReaderOf): Promise<Found> {
  const first = path[0] ?? '';
  const registry = await readerOf(first);
  const wanted = reference.digest ?? { tag: reference.tag ?? wish.version };
  const stored = await registry.manifest(service.repository, wanted);
  if (stored === undefined) throw imageNotFound(registry.host, service.repository, reference, wish);
  return { registry, stored, first, digest: stored.digest, image: `${service.repository}@${stored.digest}` };
}

export function serviceOf(config: Config, name: string): ServiceRules {
  const service = config.rulebook.services[name];
  if (service !== undefined) return service;
  const known = Object.keys(config.rulebook.services);
  throw new ReleaseEngineError(
    'service-unknown',
    `there is no service "${name}" in ${config.file}${didYouMean(name, known)}`,
    {
      expected: known.join(', '),
      got: name,
    },
  );
}

/** Throws `environment-unknown`. */
export function assertPasses({ service, path }: Pick<PreparedRelease, 'service' | 'path'>, environment: string): void {
  if (!path.includes(environment)) throw notPassed(service.name, path, environment);
}

function pathOf(service: ServiceRules, until: string | undefined): readonly string[] {
  if (until === undefined) return service.path;
  const end = service.path.indexOf(until);
  if (end >= 0) return service.path.slice(0, end + 1);
  throw notPassed(service.name, service.path, until);
}

function referenceOf(service: ServiceRules, { image, version }: ReleaseWish): ImageReference {
  assertKey({ service: service.name, version });
  const reference = parseImageReference(image ?? `${service.repository}:${version}`);
  if (reference.repository === service.repository) return reference;
  throw new ReleaseEngineError('reference-malformed', `${image} is not the image of ${service.name}`, {
    expected: `${service.repository}:<tag> or ${service.repository}@sha256:…`,
    got: reference.repository,
  });
}

/** All mistakes of all environments at once. */
export function assertManifests(
  config: Config,
  service: ServiceRules,
  path: readonly string[],
  files: readonly ManifestFile[],
): void {
  const refused = path.flatMap((environment) => {
    const rules = config.rulebook.environments[environment];
    const rendered = renderManifests({
      files,
      environment,
      namespace: namespaceOf(service, environment),
      repository: service.repository,
      image: `${rules?.registryHost}/${service.repository}@${ANY_DIGEST}`,
      workloads: service.workloads,
      rules: rules?.manifests ?? {},
    });
    return rendered.ok ? [] : [rendered];
  });
  if (refused.length === 0) return;
  const problems = refused.flatMap((one) => one.problems);
  throw new ReleaseEngineError(
    refused.find(({ code }) => code === 'manifests-invalid')?.code ?? 'manifests-not-allowed',
    problems.map((one) => `${one.where}: ${one.message}`).join('; '),
    { problems },
  );
}

function imageNotFound(
  host: string,
  repository: string,
  reference: ImageReference,
  wish: ReleaseWish,
): ReleaseEngineError {
  const name = reference.digest === undefined ? `${repository}:${reference.tag}` : `${repository}@${reference.digest}`;
  const guess = wish.image === undefined ? ' (the version as a tag, because --image was not given)' : '';
  return new ReleaseEngineError('image-not-found', `${host} has no ${name}${guess}`, {
    remedy: `push it to ${host} first, or name what is there with --image`,
  });
}
