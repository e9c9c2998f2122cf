/** From a service's files to the objects of one environment: checked, in its namespace, with the released image set. */
import type { Problem } from '../domain/error-code.ts';
import { startsPods } from '../domain/kinds.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { checkImages, type ImageFindings, type ReleasedImage } from './check-images.ts';
import { OBJECT_RULES } from './check-object.ts';
import { doubles, workloadProblems } from './check-set.ts';
import { withImages } from './image-sites.ts';
import type { Judging, ManifestProblem } from './judging.ts';
import { type ManifestFile, printable } from './manifest-file.ts';
import { parseManifests, type StatedObject } from './parse.ts';

/** The environment's folder is the one that counts. */
export interface RenderRequest extends ReleasedImage, Judging {
  /** All files of the service, every environment's. */
  readonly files: readonly ManifestFile[];
  readonly namespace: string;
  /** `deployment/iam` …: what must be there and run the image. */
  readonly workloads: readonly string[];
}

export type Rendered =
  | { readonly ok: true; readonly objects: readonly ManifestObject[] }
  | {
      readonly ok: false;
      /** `manifests-not-allowed`: nothing else is wrong than what the environment's lists leave out. */
      readonly code: 'manifests-invalid' | 'manifests-not-allowed';
      readonly problems: readonly Problem[];
    };

/**
 * The objects to apply: in the order of files and documents, workloads after everything they may need. All problems at once,
 * each with file and line; messages quote names and image references, never other contents, since a file may hold a Secret.
 */
export function renderManifests(request: RenderRequest): Rendered {
  const files = request.files.filter((file) => file.path.startsWith(`${request.environment}/`));
  if (files.length === 0) return refused([noFolder(request)]);
  const { objects, problems } = parseManifests(files);
  const found = objects.map((stated) => ({ stated, images: checkImages(stated, request) }));
  const all = [...problems, ...found.flatMap((one) => problemsOf(one, request)), ...problemsOfSet(found, request)];
  // A file that does not parse hides its objects: what then seems to be missing may be in it.
  if (problems.length > 0) return refused(all.filter((one) => one.where !== `${request.environment}/`));
  if (all.length > 0) return refused(all);
  return { ok: true, objects: inOrder(found.map((one) => finished(one, request))) };
}

function refused(problems: readonly ManifestProblem[]): Rendered {
  const code = problems.every(({ notAllowed }) => notAllowed) ? 'manifests-not-allowed' : 'manifests-invalid';
  return { ok: false, code, problems: problems.map(({ notAllowed: _, ...problem }) => problem) };
}

interface Found {
  readonly stated: StatedObject;
  readonly images: ImageFindings;
}

function problemsOf({ stated, images }: Found, request: RenderRequest): readonly ManifestProblem[] {
  return [...OBJECT_RULES.flatMap((rule) => rule(stated, request)), ...images.problems];
}

function problemsOfSet(found: readonly Found[], request: RenderRequest): readonly Problem[] {
  const workloads = found.map(({ stated, images }) => ({ stated, runs: images.runs }));
  return [
    ...doubles(found.map(({ stated }) => stated)),
    ...workloadProblems(request.workloads, workloads, request.environment, request.repository),
  ];
}

function finished({ stated, images }: Found, { namespace, image }: RenderRequest): ManifestObject {
  const object = withImages(stated.object, images.released, image);
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function inOrder(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  const last = objects.filter(({ kind }) => startsPods(kind));
  return [...objects.filter((object) => !last.includes(object)), ...last];
}

function noFolder({ files, environment }: RenderRequest): Problem {
  const there = new Set(files.filter((file) => file.path.includes('/')).map((file) => file.path.split('/')[0] ?? ''));
  const names = [...there].map(printable).sort().join(', ');
  return {
    where: `${environment}/`,
    message: `the manifests have no folder for environment "${environment}"; there is: ${names || 'no folder at all'}`,
    remedy: `add the folder ${environment} with the manifests for it`,
  };
}
