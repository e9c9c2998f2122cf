/** What the world itself says, asked without Sluice: the registry's own log and attributes, and the pods that run. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Effect } from '../acr-emulator/index.ts';
import { openRegistry } from '../stack/registry-session.ts';
import { simulatedImages } from '../stack/simulated-clusters.ts';
import type { Stack } from '../stack/start-stack.ts';
import { ENVIRONMENTS, type LocalEnvironment } from '../stack/world.ts';
import { toolPath } from '../tools/tool-path.ts';

export function environment(name: string): LocalEnvironment {
  const found = ENVIRONMENTS.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`no environment "${name}"`);
  return found;
}

/** Imports of one digest that an environment's registry has accepted since the stack began. */
export function importsOf(stack: Stack, name: string, digest: string): readonly Effect[] {
  const { registry } = environment(name);
  return stack.emulator
    .effects()
    .filter((one) => one.effect === 'import-accepted' && one.registry === registry && isAbout(one, digest));
}

/** Everything that an environment's registry says it has done or refused about a digest. */
export function effectsAbout(stack: Stack, name: string, digest: string): readonly Effect[] {
  const { registry } = environment(name);
  return stack.emulator.effects().filter((one) => one.registry === registry && isAbout(one, digest));
}

function isAbout(effect: Effect, digest: string): boolean {
  return effect.digest === digest || (effect.source?.includes(digest) ?? false);
}

/** `{deleteEnabled, writeEnabled}` of the manifest and the tag, as the registry answers. */
export async function locksOf(stack: Stack, name: string, digest: string, tag: string): Promise<readonly string[]> {
  const { registry, workerId } = environment(name);
  const session = await openRegistry(stack.emulator, {
    registry,
    host: name === 'production' ? 'worker-production' : 'worker-nonproduction',
    clientId: workerId,
    scope: 'repository:iam:metadata_read',
  });
  const read = async (kind: 'manifest' | 'tag', reference: string): Promise<string> => {
    const answer = await session.request(`/acr/v1/iam/_${kind}s/${reference}?api-version=2021-07-01`);
    const body = (await answer.json()) as Record<string, { changeableAttributes: Record<string, boolean> }>;
    const { deleteEnabled, writeEnabled } = body[kind]?.changeableAttributes ?? {};
    return `${kind} deleteEnabled=${deleteEnabled} writeEnabled=${writeEnabled}`;
  };
  try {
    return [await read('manifest', digest), await read('tag', tag)];
  } finally {
    await session.close();
  }
}

/** Digests of the images that the environment's ready pods run, each once. */
export async function runningDigests(stack: Stack, name: string): Promise<readonly string[]> {
  const images = stack.cluster === 'real' ? await podImages(stack, name) : imagesOfSimulated(stack, name);
  return [...new Set(images.map((image) => image.slice(image.indexOf('sha256:'))))];
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly deletionTimestamp?: string };
    readonly status: { readonly containerStatuses?: readonly { readonly ready: boolean; readonly imageID: string }[] };
  }[];
}

/** By kubectl, as a person would look. */
async function podImages(stack: Stack, name: string): Promise<string[]> {
  const { namespace } = environment(name);
  const kubeconfig = stack.clusters.adminKubeconfigs[name] as string;
  const args = ['--kubeconfig', kubeconfig, '--namespace', namespace, 'get', 'pods', '--output', 'json'];
  const { stdout } = await promisify(execFile)(toolPath('kubectl') as string, args, { timeout: 30_000 });
  return (JSON.parse(stdout) as PodList).items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ status }) => status.containerStatuses ?? [])
    .filter(({ ready }) => ready)
    .map(({ imageID }) => imageID);
}

function imagesOfSimulated(stack: Stack, name: string): string[] {
  const entry = stack.clusters.entries[name];
  return entry === undefined || !('simulated' in entry) ? [] : simulatedImages(entry.stateFile);
}
