/** `sluice verify --manifests`: what a promotion would ask of the manifests, beside what it asks of the image. */
import type { Config } from '../config/config.ts';
import { type Digest, shortDigest } from '../domain/digest.ts';
import type { Refusal } from '../domain/error-code.ts';
import { formatImage, type Image } from '../domain/image-reference.ts';
import type { ProofVerdict } from '../domain/proof.ts';
import { namespaceOf } from '../domain/rulebook.ts';
import { type ManifestFile, ManifestsError } from '../manifests/manifest-file.ts';
import { renderManifests } from '../manifests/render.ts';
import type { RegistryReader } from '../ports/registry-reader.ts';
import type { Signatures } from '../ports/signatures.ts';
import { proveManifests } from '../proofs/prove-manifests.ts';
import { serviceOf } from './prepare-release.ts';
import { publishedManifests } from './published-manifests.ts';

export interface ManifestsAsked {
  readonly registry: RegistryReader;
  readonly image: Image;
  /** Of the artefact, in the same repository. */
  readonly manifests: Digest;
  readonly environment: string;
  readonly service: string;
}

/** That they are this image's, that the environment takes them, and that those have signed whom it wants. Throws PortError when it could not be found out. */
export async function verifyManifests(
  config: Config,
  asked: ManifestsAsked,
  signatures: Signatures,
): Promise<ProofVerdict> {
  const { registry, image, manifests, environment } = asked;
  const artefact = `${image.repository}@${shortDigest(manifests)}`;
  const refusal = await contentRefusal(config, asked, artefact);
  if (refusal !== undefined)
    return { rule: 'manifests', answer: 'no', reason: refusal.message, statements: [], refusal };
  const wanted = config.rulebook.environments[environment]?.proofs?.manifests;
  if (wanted !== undefined)
    return proveManifests(signatures, {
      registry,
      artefact: { repository: image.repository, digest: manifests },
      wanted,
    });
  const reason = `${environment} takes ${artefact}, and wants nobody's signature of it`;
  return { rule: 'manifests', answer: 'yes', reason, statements: [] };
}

async function contentRefusal(
  config: Config,
  { registry, image, manifests, environment, service }: ManifestsAsked,
  artefact: string,
): Promise<Refusal | undefined> {
  const found = await filesOf(registry, image, manifests);
  if (found instanceof ManifestsError)
    return refused(found, `the manifest artefact ${artefact} in ${registry.host} cannot be used`);
  const rules = config.rulebook.environments[environment];
  const known = serviceOf(config, service);
  const rendered = renderManifests({
    ...{ files: found, environment, workloads: known.workloads, repository: image.repository },
    namespace: namespaceOf(known, environment),
    image: formatImage(image, rules?.registryHost),
    rules: rules?.manifests ?? {},
  });
  return rendered.ok ? undefined : refused(rendered, `${environment} does not take the manifests in ${artefact}`);
}

/** What is wrong with them is a no. */
async function filesOf(
  registry: RegistryReader,
  { repository, digest }: Image,
  manifests: Digest,
): Promise<readonly ManifestFile[] | ManifestsError> {
  try {
    return await publishedManifests(registry, repository, manifests, digest);
  } catch (error) {
    if (error instanceof ManifestsError) return error;
    throw error;
  }
}

function refused({ code, problems }: Pick<ManifestsError, 'code' | 'problems'> | NotTaken, message: string): Refusal {
  const remedies = [...new Set(problems.flatMap(({ remedy }) => remedy ?? []))];
  return {
    code,
    message,
    got: problems.map((one) => `${one.where}: ${one.message}`).join('; '),
    ...(remedies.length === 0 ? {} : { remedy: remedies.join('; ') }),
  };
}

type NotTaken = Extract<ReturnType<typeof renderManifests>, { readonly ok: false }>;
