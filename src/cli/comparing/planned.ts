/** What Sluice would apply: manifests rendered for an environment, of a written plan or of a folder and an image. No cluster is asked. */
import { readFile } from 'node:fs/promises';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import { formatProblem } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import type { ForecastResult } from '../../contract/release-workflow.ts';
import { parseDigest } from '../../domain/digest.ts';
import { formatImage, type Image, parseImageReference } from '../../domain/image-reference.ts';
import type { ManifestObject } from '../../domain/manifest-object.ts';
import { namespaceOf, type ServiceRules } from '../../domain/rulebook.ts';
import { type ManifestFile, ManifestsError } from '../../manifests/manifest-file.ts';
import { readFolder } from '../../manifests/read-folder.ts';
import { renderManifests } from '../../manifests/render.ts';
import type { RegistryReader } from '../../ports/registry-reader.ts';
import { packRelease, prepareRelease } from '../prepare-release.ts';

/** From the service's folder, with this image set; nobody is asked. Throws `manifests-…`, and `input-invalid` for an image without a digest. */
export async function ofFolder(
  config: Config,
  service: ServiceRules,
  environment: string,
  image: string,
): Promise<readonly ManifestObject[]> {
  const { repository, digest } = parseImageReference(image);
  if (digest === undefined || repository !== service.repository)
    throw new ReleaseEngineError('input-invalid', `${image} is no image of ${service.name} by digest`, {
      expected: `${service.repository}@sha256:…`,
      got: image,
      remedy: 'name it with --sluice-image by the digest that the build has printed',
    });
  const files = await readFolder(config.manifests[service.name] ?? '');
  return rendered(config, service, environment, { repository, digest }, files);
}

export type ReaderOf = (environment: string) => Promise<RegistryReader>;

interface Planned {
  readonly service: string;
  readonly version: string;
  readonly image: string;
  readonly manifests: string;
}

/** From a file that `sluice plan --json` has written: the manifests are those of its digest, from the service's folder or from the registry. */
export async function ofPlan(
  config: Config,
  file: string,
  environment: string,
  readerOf: ReaderOf,
): Promise<{ readonly service: string; readonly objects: readonly ManifestObject[] }> {
  const { service: name, ...plan } = await readPlan(file, environment);
  const service = config.rulebook.services[name];
  if (service === undefined)
    throw new ReleaseEngineError('service-unknown', `${file} plans "${name}", which is no service of sluice.yaml`);
  const image = { repository: service.repository, digest: parseDigest(plan.image) };
  const files = await filesOf(config, { service: name, ...plan }, service, readerOf);
  return { service: name, objects: rendered(config, service, environment, image, files) };
}

async function filesOf(
  config: Config,
  plan: Planned,
  { repository }: ServiceRules,
  readerOf: ReaderOf,
): Promise<readonly ManifestFile[]> {
  const wish = { service: plan.service, version: plan.version, image: `${repository}@${plan.image}` };
  // a plan is made before anything is published: then the folder from which it was made is all there is
  const packed = await packRelease(config, wish, readerOf).catch((error: unknown) => {
    if (error instanceof ManifestsError) return undefined;
    throw error;
  });
  if (packed?.manifests === plan.manifests) return packed.files;
  return (await prepareRelease(config, { ...wish, manifests: plan.manifests }, readerOf)).files;
}

async function readPlan(file: string, environment: string): Promise<Planned> {
  const invalid = (message: string): ReleaseEngineError =>
    new ReleaseEngineError('input-invalid', `${file} ${message}`, {
      remedy: 'write it with "sluice plan SERVICE VERSION --json", for a path that leads there',
    });
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalid(`cannot be read: ${error.code ?? error.message}`);
  });
  const { promotions } = parsed(text) as Partial<ForecastResult>;
  if (!Array.isArray(promotions)) throw invalid('is no plan');
  const answer = (promotions as ForecastResult['promotions']).find((one) => one.environment === environment)?.answer;
  if (answer === undefined) throw invalid(`has no plan for ${environment}`);
  if (!answer.ok) throw invalid(`was refused for ${environment}: ${answer.refusal.message}`);
  const { service, version, image, manifests } = answer.plan;
  return { service, version, image: image.digest, manifests };
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function rendered(
  config: Config,
  service: ServiceRules,
  environment: string,
  image: Image,
  files: readonly ManifestFile[],
): readonly ManifestObject[] {
  const rules = config.rulebook.environments[environment];
  const found = renderManifests({
    files,
    environment,
    namespace: namespaceOf(service, environment),
    repository: service.repository,
    image: formatImage(image, rules?.registryHost),
    workloads: service.workloads,
    rules: rules?.manifests ?? {},
  });
  if (found.ok) return found.objects;
  throw new ReleaseEngineError(found.code, found.problems.map(formatProblem).join('\n'), {
    problems: found.problems,
    remedy: 'Correct the manifests; nothing was compared.',
  });
}
