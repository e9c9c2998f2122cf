/** Everything about a release that can be known before it starts: service, image, manifests. Changes nothing. */
import { ANY_DIGEST } from './any-digest.ts';
import { assertKey } from '../client/keys.ts';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { Priority } from '../domain/turns.ts';
import type { Config } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import type { Digest } from '../domain/digest.ts';
import type { Problem } from '../domain/error-code.ts';
import { type ImageReference, parseImageReference } from '../domain/image-reference.ts';
import { namespaceOf, type ServiceRules } from '../domain/rulebook.ts';
import { type PackedManifests, packManifests } from '../manifests/artefact.ts';
import type { ManifestFile } from '../manifests/manifest-file.ts';
import { readFolder } from '../manifests/read-folder.ts';
import { renderManifests } from '../manifests/render.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';

export interface ReleaseWish {
  readonly service: string;
  readonly version: string;
  /** `iam:1.2.3`, `iam@sha256:…`; the version as a tag of the service's repository unless given. */
  readonly image?: string;
  readonly until?: string;
  readonly ticket?: string;
  readonly allowOlder?: boolean;
  readonly priority?: Priority;
}

export interface PreparedRelease {
  readonly service: ServiceRules;
  /** Environments that it will pass. */
  readonly path: readonly string[];
  readonly first: string;
  readonly digest: Digest;
  /** `iam@sha256:…`. */
  readonly image: string;
  readonly packed: PackedManifests;
  /** What is packed. */
  readonly files: readonly ManifestFile[];
}

/** Throws `service-unknown`, `environment-unknown`, `version-malformed`, `reference-malformed`, `manifests-…`, `image-not-found`, and what the registry throws. */
export async function prepareRelease(
  config: Config,
  wish: ReleaseWish,
  readerOf: (environment: string) => Promise<RegistryReader>,
): Promise<PreparedRelease> {
  const service = serviceOf(config, wish.service);
  const path = pathOf(service, wish.until);
  const first = path[0] ?? '';
  const reference = referenceOf(service, wish);
  const files = await readFolder(config.manifests[service.name] ?? '');
  assertManifests(config, service, path, files);

  const registry = await readerOf(first);
  const stored = await registry.manifest(
    service.repository,
    reference.digest ?? { tag: reference.tag ?? wish.version },
  );
  if (stored === undefined) throw imageNotFound(registry.host, service.repository, reference, wish);
  const packed = await packManifests(files, {
    digest: stored.digest,
    mediaType: stored.mediaType,
    size: stored.bytes.byteLength,
  });
  return {
    service,
    path,
    first,
    digest: stored.digest,
    image: `${service.repository}@${stored.digest}`,
    packed,
    files,
  };
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

function pathOf(service: ServiceRules, until: string | undefined): readonly string[] {
  if (until === undefined) return service.path;
  const end = service.path.indexOf(until);
  if (end >= 0) return service.path.slice(0, end + 1);
  const hint = didYouMean(until, service.path);
  throw new ReleaseEngineError('environment-unknown', `${service.name} does not pass "${until}"${hint}`, {
    expected: service.path.join(' → '),
    got: until,
  });
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
function assertManifests(
  config: Config,
  service: ServiceRules,
  path: readonly string[],
  files: readonly ManifestFile[],
): void {
  const problems = path.flatMap((environment): readonly Problem[] => {
    const rendered = renderManifests({
      files,
      environment,
      namespace: namespaceOf(service, environment),
      repository: service.repository,
      image: `${config.rulebook.environments[environment]?.registryHost}/${service.repository}@${ANY_DIGEST}`,
      workloads: service.workloads,
    });
    return rendered.ok ? [] : rendered.problems;
  });
  if (problems.length === 0) return;
  throw new ReleaseEngineError('manifests-invalid', problems.map((one) => `${one.where}: ${one.message}`).join('; '), {
    problems,
  });
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
