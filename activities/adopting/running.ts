/** Which image a service runs that nobody has brought there by digest: what its workloads name, and what the nodes say of their pods. */
import type { AdoptedWorkload, AdoptionPoint } from '../../src/contract/adoption-workflow.ts';
import type { WireImage } from '../../src/contract/plan.ts';
import { type Digest, isDigest, shortDigest } from '../../src/domain/digest.ts';
import { type ImageReference, ImageReferenceError, parseImageReference } from '../../src/domain/image-reference.ts';
import type { ServiceRules } from '../../src/domain/rulebook.ts';
import type { StandingWorkload } from '../../src/ports/cluster-sight.ts';
import type { RegistryReader } from '../../src/ports/registry-reader.ts';
import { runnableDigests } from '../pull.ts';
import { taggedDigest, type Zone } from '../zone.ts';

export interface Running {
  readonly workloads: readonly AdoptedWorkload[];
  /** In the environment's own registry; undefined: it is not known, or not there. */
  readonly image?: WireImage;
  /** What the workloads name it, where that is a tag. */
  readonly tag?: string;
  readonly points: readonly AdoptionPoint[];
}

/** Asks for each workload twice: what it names, then what runs under that name. */
export async function whatRuns(
  zone: Zone,
  { repository, workloads }: ServiceRules,
  namespace: string,
  signal: AbortSignal,
): Promise<Running> {
  const { sight, registry } = zone.ports;
  const look = async (image: string): Promise<readonly StandingWorkload[]> =>
    (await sight.look({ namespace, workloads, image, objects: [] }, signal)).workloads;
  const standing = await look('');
  const gone = workloads.filter((name) => !standing.some(({ workload }) => workload === name));
  const points = gone.map((name) => missing(name, namespace));
  const named = standing.map((one) => ({ ...one, own: ownImages(one.images, repository) }));
  const unclear = named.filter(({ own }) => own.length !== 1);
  points.push(
    ...unclear.map(({ workload, images, own }) => whichImage(workload, own.length > 0 ? own : images, repository)),
  );
  const found = named.flatMap(({ workload, images, own: [image] }): readonly AdoptedWorkload[] =>
    image === undefined ? [] : [{ workload, image, others: images.filter((one) => one !== image) }],
  );
  if (points.length > 0) return { workloads: found, points };
  const digests = await Promise.all(
    [...new Set(found.map(({ image }) => image))].map(async (image) => {
      const pods = (await look(image)).flatMap((one) => one.pods);
      return {
        image,
        digests: [...new Set(pods.map(({ imageDigest }) => imageDigest))],
        workloads: pods.map((one) => one.workload),
      };
    }),
  );
  const ready = new Set(digests.flatMap((one) => one.workloads));
  const silent = found.filter(({ workload }) => !ready.has(workload));
  if (silent.length > 0) return { workloads: found, points: silent.map(({ workload }) => notReady(workload)) };
  const reported = [...new Set(digests.flatMap((one) => one.digests))];
  const references = digests.flatMap(({ image }) => referenceOf(image) ?? []);
  const answer = await imageOf(registry, repository, references, reported);
  const tag = tagOf(references);
  return {
    workloads: found,
    ...answer,
    ...(tag === undefined ? {} : { tag }),
    points: [...answer.points, ...notesOn(found, registry.host)],
  };
}

type Identified = Pick<Running, 'image' | 'points'>;

/** A node may report an index's digest or that of the manifest that it has pulled of it: both are the same image. */
async function imageOf(
  registry: RegistryReader,
  repository: string,
  references: readonly ImageReference[],
  reported: readonly string[],
): Promise<Identified> {
  const strange = reported.filter((one) => !isDigest(one));
  if (strange.length > 0) return { points: [noDigest(strange)] };
  const asked = await Promise.all(
    references.map(
      async ({ digest, tag }) => digest ?? (tag === undefined ? undefined : taggedDigest(registry, repository, tag)),
    ),
  );
  const candidates = [...new Set([...asked.filter((one) => one !== undefined), ...(reported as readonly Digest[])])];
  let isThere = false;
  for (const digest of candidates) {
    if ((await registry.manifest(repository, digest)) === undefined) continue;
    isThere = true;
    const runnable: readonly string[] = await runnableDigests(registry, repository, digest);
    if (reported.every((one) => runnable.includes(one))) return { image: { repository, digest }, points: [] };
  }
  if (reported.length > 1) return { points: [mixed(reported)] };
  return {
    points: [isThere ? mixed(reported) : notInRegistry(registry.host, repository, reported[0] ?? '', references)],
  };
}

/** The images of a pod template that may be the released one: of that repository, wherever it lies; else the only one. */
function ownImages(images: readonly string[], repository: string): readonly string[] {
  const last = repository.split('/').at(-1);
  const own = [...new Set(images)].filter((one) => referenceOf(one)?.repository.split('/').at(-1) === last);
  const exact = own.filter((one) => referenceOf(one)?.repository === repository);
  if (exact.length > 0) return exact;
  return own.length === 0 && new Set(images).size === 1 ? images.slice(0, 1) : own;
}

/** As a node reads it: a name without a tag means `latest`. Undefined: it is no reference that a registry of ours could hold. */
function referenceOf(image: string): ImageReference | undefined {
  for (const text of [image, `${image}:latest`]) {
    try {
      return parseImageReference(text);
    } catch (error) {
      if (!(error instanceof ImageReferenceError)) throw error;
    }
  }
  return undefined;
}

function tagOf(references: readonly ImageReference[]): string | undefined {
  const tags = new Set(references.map(({ tag }) => tag));
  return tags.size === 1 ? [...tags][0] : undefined;
}

/** What a release will change about the name, while the content stays what it is. */
function notesOn(workloads: readonly AdoptedWorkload[], host: string): readonly AdoptionPoint[] {
  return workloads.flatMap(({ workload, image, others }) => {
    const reference = referenceOf(image);
    const points: AdoptionPoint[] = [];
    if (reference?.digest === undefined)
      points.push(note('image', `${workload} names its image by a tag (${image}): a roll-back names it by digest`));
    if (reference?.registry !== host)
      points.push(
        note(
          'image',
          `${workload} pulls from ${reference?.registry ?? 'the nodes’ default registry'}: a roll-back pulls the same content from ${host}`,
        ),
      );
    const loose = others.filter((one) => referenceOf(one)?.digest === undefined);
    if (loose.length > 0)
      points.push(
        note('image', `${workload} has further containers whose images are named by a tag: ${loose.join(', ')}`),
      );
    return points;
  });
}

function note(part: AdoptionPoint['part'], message: string): AdoptionPoint {
  return { part, blocks: false, message };
}

function missing(workload: string, namespace: string): AdoptionPoint {
  const message = `${namespace} has no ${workload}`;
  const remedy = 'correct namespaces and workloads of the service in sluice.yaml, or deploy it first';
  return { part: 'workloads', blocks: true, message, expected: 'a workload that runs', got: 'none', remedy };
}

function whichImage(workload: string, images: readonly string[], repository: string): AdoptionPoint {
  const message = `which image of ${workload} is released is not clear`;
  const remedy = `name its repository in sluice.yaml (services.<service>.repository): exactly one image of the pod must come from it`;
  return {
    part: 'workloads',
    blocks: true,
    message,
    expected: `one image of ${repository}`,
    got: images.join(', ') || 'no image',
    remedy,
  };
}

function notReady(workload: string): AdoptionPoint {
  const message = `no pod of the newest revision of ${workload} is ready: nobody can say what runs well there`;
  const remedy = 'let its roll-out end, or mend it the way that it was deployed; then look again';
  return { part: 'workloads', blocks: true, message, remedy };
}

function mixed(reported: readonly string[]): AdoptionPoint {
  const message = 'the pods do not run one image';
  const remedy =
    'let the roll-out end (a tag that was moved lets new pods differ from old ones: restart them all), then look again';
  return { part: 'image', blocks: true, message, expected: 'one digest', got: reported.join(', '), remedy };
}

function noDigest(got: readonly string[]): AdoptionPoint {
  const message = 'a node does not say by digest which image it runs';
  const remedy = 'an image that was built or loaded on the node has no digest: push it, and deploy it from a registry';
  return {
    part: 'image',
    blocks: true,
    message,
    expected: 'sha256:<64 hexadecimal characters>',
    got: got.join(', '),
    remedy,
  };
}

function notInRegistry(
  host: string,
  repository: string,
  digest: string,
  [reference]: readonly ImageReference[],
): AdoptionPoint {
  const from = `${reference?.registry ?? '<its registry>'}/${reference?.repository ?? repository}@${digest}`;
  return {
    part: 'image',
    blocks: true,
    code: 'image-not-found',
    message: `${host} does not have the image that runs: nobody could come back to it`,
    expected: `${repository}@${shortDigest(digest)} in ${host}`,
    got: 'no such manifest',
    remedy: `import exactly this content, without forcing: az acr import --name ${host.split('.')[0]} --source ${from} --image ${repository}:<version>`,
  };
}
