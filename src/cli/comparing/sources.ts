/** Where each side is from: a recorded list, a cluster that is read now, or what Sluice would apply. One of them each. */
import { formatProblem } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import type { Problem } from '../../domain/error-code.ts';
import { namespaceOf, type ServiceRules } from '../../domain/rulebook.ts';
import type { ClusterInventory } from '../../ports/cluster-inventory.ts';
import { foreignInventory, localCluster, localRegistry } from '../wire.ts';
import type { FoundSide } from './compare-services.ts';
import { ofFolder, ofPlan } from './planned.ts';
import { type Read, recordedObjects } from './recorded.ts';

export interface SourceOptions {
  readonly environment: string;
  readonly legacy?: readonly string[];
  readonly legacyKubeconfig?: string;
  readonly legacyContext?: string;
  readonly legacyNamespace?: string;
  readonly sluice?: readonly string[];
  readonly sluiceLive?: boolean;
  readonly sluicePlan?: readonly string[];
  readonly sluiceImage?: string;
}

/** All mistakes at once. Throws `input-invalid`. */
export function assertSources(options: SourceOptions, services: readonly ServiceRules[]): void {
  const { legacy, legacyKubeconfig, legacyContext, sluice, sluiceLive, sluicePlan, sluiceImage } = options;
  const problems: Problem[] = [];
  const one = (where: string, given: readonly unknown[], remedy: string): void => {
    const count = given.filter((each) => each !== undefined).length;
    if (count !== 1)
      problems.push({ where, message: count === 0 ? 'is not named' : `is named ${count} times`, remedy });
  };
  one('the legacy side', [legacy, legacyKubeconfig], 'either --legacy FILES or --legacy-kubeconfig FILE');
  one(
    'the side of Sluice',
    [sluice, sluiceLive, sluicePlan, sluiceImage],
    'one of --sluice FILES, --sluice-live, --sluice-plan FILES and --sluice-image IMAGE',
  );
  if (legacyContext !== undefined && legacyKubeconfig === undefined)
    problems.push({ where: '--legacy-context', message: 'is a context of no file', remedy: 'add --legacy-kubeconfig' });
  if (sluiceImage !== undefined && services.length !== 1)
    problems.push({ where: '--sluice-image', message: 'is the image of one service', remedy: 'name the service' });
  if (problems.length > 0)
    throw new ReleaseEngineError('input-invalid', problems.map(formatProblem).join('\n'), {
      problems,
      remedy: 'Nothing was read yet.',
    });
}

export async function legacySide(options: SourceOptions, namespaces: readonly string[]): Promise<Read<FoundSide>> {
  const { legacy = [], legacyKubeconfig, legacyContext } = options;
  if (legacyKubeconfig === undefined) return ofLists(legacy);
  const from = `cluster of ${legacyContext ?? legacyKubeconfig}`;
  const inventory = await foreignInventory(legacyKubeconfig, legacyContext);
  return { value: await ofCluster(from, inventory, namespaces), problems: [] };
}

export async function sluiceSide(
  options: SourceOptions,
  config: Config,
  services: readonly ServiceRules[],
): Promise<Read<FoundSide>> {
  const { environment, sluice = [], sluiceLive, sluicePlan, sluiceImage } = options;
  if (sluiceLive === true) {
    const { inventory } = await localCluster(config, environment);
    const namespaces = services.map((one) => namespaceOf(one, environment));
    return { value: await ofCluster(`cluster of ${environment}`, inventory, namespaces), problems: [] };
  }
  if (sluicePlan !== undefined) {
    const readerOf = async (name: string) => (await localRegistry(config, name)).reader;
    const plans = await Promise.all(sluicePlan.map((file) => ofPlan(config, file, environment, readerOf)));
    const objects = plans.flatMap((plan) => plan.objects);
    return { value: { from: sluicePlan.join(', '), objects, isStated: true }, problems: [] };
  }
  if (sluiceImage !== undefined && services[0] !== undefined) {
    const objects = await ofFolder(config, services[0], environment, sluiceImage);
    return { value: { from: `manifests for ${sluiceImage}`, objects, isStated: true }, problems: [] };
  }
  return ofLists(sluice);
}

async function ofLists(paths: readonly string[]): Promise<Read<FoundSide>> {
  const { value, problems } = await recordedObjects(paths);
  return { value: { from: paths.join(', '), objects: value }, problems };
}

async function ofCluster(from: string, inventory: ClusterInventory, namespaces: readonly string[]): Promise<FoundSide> {
  const never = new AbortController().signal;
  const found = await Promise.all([...new Set(namespaces)].map((one) => inventory.list(one, never)));
  return {
    from,
    objects: found.flatMap(({ objects }) => objects),
    unread: found.flatMap(({ unread }) => unread),
  };
}
