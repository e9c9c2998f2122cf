/** One cluster, as the configured kubeconfig sees it: a dry run of the real manifests tries every right that a promotion needs. */
import type { Config } from '../../config/config.ts';
import { readFolder } from '../../manifests/read-folder.ts';
import { renderManifests } from '../../manifests/render.ts';
import { namespaceOf, type ServiceRules } from '../../domain/rulebook.ts';
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
  const cluster = await localCluster(config, environment);
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
  const applied = await cluster.apply(rendered.objects, namespace, {
    dryRun: true,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const count = Math.max(applied.length, rendered.objects.length);
  return well(about, `namespace ${namespace} answers, pods can be read, ${count} objects pass a dry run`);
}
