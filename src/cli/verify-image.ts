/** `sluice verify`: the proofs that an environment wants of an image, asked from here, without a release. */
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { Config } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import { isDigest, parseDigest } from '../domain/digest.ts';
import { type ImageReference, isTag, parseImageReference } from '../domain/image-reference.ts';
import type { ProofRules, ProofVerdict } from '../domain/proof.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Signatures } from '../ports/signatures.ts';
import { proveImage } from '../proofs/prove-image.ts';
import { proveRecords } from '../proofs/prove-records.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { serviceOf } from './prepare-release.ts';
import { verifyManifests } from './verify-manifests.ts';

export interface Asked {
  readonly image: string;
  readonly environment: string;
  readonly at?: string;
  readonly service?: string;
  /** Digest of the artefact that holds the manifests; undefined: nobody asks about them. */
  readonly manifests?: string;
  readonly now: Date;
}

/** What one look at an image gave; versioned by its fields, which are only added to. */
export interface Proof {
  readonly image: { readonly repository: string; readonly digest: string; readonly tag?: string };
  /** Host of the registry in which was looked. */
  readonly registry: string;
  /** Whose rules were asked. */
  readonly environment: string;
  readonly policyVersion: string;
  /** ISO 8601. */
  readonly at: string;
  readonly proven: boolean;
  readonly verdicts: readonly ProofVerdict[];
  /** The environment wants the manifests signed, and nobody said which: that is not in `proven`. */
  readonly unasked?: readonly ['manifests'];
}

export interface Parts {
  readonly registryOf: (environment: string) => Promise<RegistryReader>;
  readonly signatures: (config: Config) => Promise<Signatures>;
  /** Who knows environments by the keys with which they sign their records; undefined: nobody does, and no record counts. */
  readonly recorders?: (config: Config) => Promise<Signatures | undefined>;
}

/** Throws `environment-unknown`, `service-unknown`, `reference-malformed`, `digest-malformed`, `image-not-found`, and PortError when it could not be found out. */
export async function verifyImage(
  config: Config,
  asked: Asked,
  { registryOf, signatures, recorders }: Parts,
): Promise<Proof> {
  const { environments, policyVersion } = config.rulebook;
  const { environment, now } = asked;
  assertEnvironment(config, environment);
  const reference = referenceOf(config, asked);
  const place = placeOf(config, asked, reference);
  const registry = await registryOf(place);
  const { repository, tag } = reference;
  const stored = await registry.manifest(repository, reference.digest ?? { tag: tag ?? '' });
  if (stored === undefined) throw notFound(registry.host, reference);
  const image = { repository, digest: stored.digest };
  const rules: Partial<ProofRules> = environments[environment]?.proofs ?? {};
  const question = { registry, image, at: now, rules };
  const verifier = await signatures(config);
  const { verdicts: proofs } = await proveImage(verifier, question);
  const service = (): string => serviceAbout(config, asked, repository);
  const manifests =
    asked.manifests === undefined
      ? []
      : [
          await verifyManifests(
            config,
            { registry, image, environment, service: service(), manifests: parseDigest(asked.manifests) },
            verifier,
          ),
        ];
  const demandsRecords = (rules.records ?? []).length > 0;
  const records = demandsRecords
    ? await proveRecords(await recorders?.(config), { ...question, service: service() })
    : [];
  const verdicts = [...proofs, ...manifests, ...records];
  const isUnasked = rules.manifests !== undefined && asked.manifests === undefined;
  return {
    image: { ...image, ...(tag === undefined ? {} : { tag }) },
    ...{ registry: registry.host, environment, policyVersion, at: now.toISOString() },
    proven: verdicts.every((one) => one.answer === 'yes'),
    verdicts,
    ...(isUnasked ? { unasked: ['manifests'] as const } : {}),
  };
}

export function exitOfProof({ proven }: Proof): ExitCode {
  return proven ? EXIT.ok : EXIT.refused;
}

function referenceOf(config: Config, { image, service }: Asked): ImageReference {
  if (service === undefined) return parseImageReference(image);
  const { repository } = serviceOf(config, service);
  if (isDigest(image)) return { repository, digest: image };
  if (isTag(image)) return { repository, tag: image };
  const reference = parseImageReference(image);
  if (reference.repository === repository) return reference;
  throw new ReleaseEngineError('reference-malformed', `${image} is not the image of ${service}`, {
    expected: `${repository}:<tag> or ${repository}@sha256:…`,
    got: reference.repository,
  });
}

/** Records and manifests are about services, and several may share a repository. */
function serviceAbout({ rulebook }: Config, { service }: Asked, repository: string): string {
  if (service !== undefined) return service;
  const [one, ...others] = Object.values(rulebook.services).filter((known) => known.repository === repository);
  if (one !== undefined && others.length === 0) return one.name;
  throw new ReleaseEngineError('service-unknown', `whose image is in ${repository} is not clear`, {
    expected: 'one service with that repository',
    got: one === undefined ? 'none' : [one, ...others].map(({ name }) => name).join(', '),
    remedy: 'name the service with --service: manifests and records of other environments are about services',
  });
}

/** The registry that the reference names, if it names one, must be the one in which is looked. */
function placeOf({ rulebook, ...config }: Config, { at, environment }: Asked, { registry }: ImageReference): string {
  if (at !== undefined) assertEnvironment({ rulebook, ...config }, at);
  const all = Object.values(rulebook.environments);
  const named = all.find((one) => one.registryHost === registry?.toLowerCase())?.name;
  if (registry === undefined) return at ?? environment;
  if (named !== undefined && (at === undefined || at === named)) return named;
  throw new ReleaseEngineError('reference-malformed', `${registry} is not the registry in which is looked`, {
    expected: (at === undefined ? all : all.filter((one) => one.name === at))
      .map((one) => one.registryHost)
      .join(' or '),
    got: registry,
  });
}

function assertEnvironment({ rulebook }: Config, name: string): void {
  const known = Object.keys(rulebook.environments);
  if (known.includes(name)) return;
  throw new ReleaseEngineError('environment-unknown', `there is no environment "${name}"${didYouMean(name, known)}`, {
    expected: known.join(', '),
    got: name,
  });
}

function notFound(host: string, { repository, tag, digest }: ImageReference): ReleaseEngineError {
  const name = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
  return new ReleaseEngineError('image-not-found', `${host} has no ${name}`, {
    remedy: 'name the environment in whose registry it lies with --at, or push it there first',
  });
}
