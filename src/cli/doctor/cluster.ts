/** One cluster, as the configured kubeconfig sees it: a dry run of the real manifests tries every right that a promotion needs. */
import type { Config } from '../../config/config.ts';
import { readFolder } from '../../manifests/read-folder.ts';
import { renderManifests } from '../../manifests/render.ts';
import { refOf } from '../../domain/manifest-object.ts';
import { namespaceOf, type ServiceRules } from '../../domain/rulebook.ts';
import { PortError } from '../../ports/port-error.ts';
import { ANY_DIGEST } from '../any-digest.ts';
import { localCluster } from '../wire.ts';
import { type Finding, finding, notTried, unwell, well } from './finding.ts';

const PATIENCE_MS = 10_000;

export async function examineCluster(config: Config, environment: string): Promise<readonly Finding[]> {
  const connection = config.environments[environment]?.cluster;
  const about = `cluster ${environment}`;
  if (connection === undefined || connection.kind === 'simulated') {
    return [notTried(about, 'simulated, in the memory of its worker')];
  }
  const services = Object.values(config.rulebook.services).filter((service) => service.path.includes(environment));
  return Promise.all(
    services.map((service) => finding(`${about}: ${service.name}`, () => tryManifests(config, environment, service))),
  );
}

async function tryManifests(config: Config, environment: string, service: ServiceRules): Promise<Finding> {
  const about = `cluster ${environment}: ${service.name}`;
  const namespace = namespaceOf(service, environment);
  const rules = config.rulebook.environments[environment];
  const image = `${rules?.registryHost}/${service.repository}@${ANY_DIGEST}`;
  const { cluster, sight } = await localCluster(config, environment);
  await cluster.runningPods(namespace, service.workloads, image);
  const files = await readFolder(config.manifests[service.name] ?? '');
  const rendered = renderManifests({
    files,
    environment,
    namespace,
    repository: service.repository,
    image,
    workloads: service.workloads,
    rules: rules?.manifests ?? {},
  });
  if (!rendered.ok) {
    return unwell(
      about,
      `${rendered.problems.length} problem(s) in its manifests`,
      `see them with "sluice plan ${service.name} <version>"`,
    );
  }
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const refs = rendered.objects.map((one) => refOf(one, namespace));
  try {
    await cluster.apply(rendered.objects, namespace, { dryRun: true, signal });
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== 'dry-run-unsupported') throw error;
    return notTried(about, error.message, error.remedy);
  }
  await sight.read(refs, signal);
  return well(about, `namespace ${namespace} answers, pods can be read, ${refs.length} objects pass a dry run`);
}
