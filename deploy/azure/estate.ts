/** The whole estate, in the order in which its parts need each other. */
import * as azure from '@pulumi/azure-native';
import type * as pulumi from '@pulumi/pulumi';
import type { Parameters } from './parameters/shape.ts';
import { makeAlerts } from './resources/alerts.ts';
import { lookAtCluster } from './resources/cluster.ts';
import { makeEligible, ringOnUse } from './resources/emergency.ts';
import { defineRoles, type Estate, grantAll, type Held } from './resources/grants.ts';
import { environmentPlaces, layGround } from './resources/ground.ts';
import { buildIdentity, type Identity, workerIdentity } from './resources/identities.ts';
import { makeLogs } from './resources/logs.ts';
import { makeZones } from './resources/network.ts';
import { assignPolicies } from './resources/policies.ts';
import { makeRegistry } from './resources/registry.ts';
import { makeKeys } from './resources/vault.ts';

/** What pipelines, workers and `sluice.yaml` have to know; nothing in it is secret. */
export interface Outputs {
  readonly build: pulumi.Output<string>;
  readonly signingKey: pulumi.Output<string>;
  readonly environments: Readonly<Record<string, EnvironmentOutputs>>;
}

export interface EnvironmentOutputs {
  readonly registry: string;
  /** Client id for the annotation `azure.workload.identity/client-id` of the worker's service account. */
  readonly worker: pulumi.Output<string>;
  /** For `records.key.vault`. */
  readonly recordKey: pulumi.Output<string>;
}

export function buildEstate(parameters: Parameters): Outputs {
  const ground = layGround(parameters);
  const { shared, location, tags } = parameters;
  const group = new azure.resources.ResourceGroup(
    'group-shared',
    { resourceGroupName: shared.resourceGroup, location, tags },
    { ...ground.within(shared.subscription), protect: true },
  );
  const logs = makeLogs(ground, group);
  const zones = makeZones(ground, group);
  const keys = makeKeys(ground, group, logs, zones);
  const build = buildIdentity(ground, group);

  const made: { held: Held; worker: Identity }[] = [];
  const places = environmentPlaces(ground);
  for (const [at, place] of places.entries()) {
    const registry = makeRegistry(ground, place, at === places.length - 1, logs, zones);
    const cluster = lookAtCluster(ground, place);
    const worker = workerIdentity(ground, place, cluster.issuer);
    assignPolicies(ground, place, cluster.id);
    const source = made.at(-1)?.held;
    made.push({
      worker,
      held: {
        name: place.name,
        subscription: place.its.subscription,
        registry: registry.id,
        ...(source === undefined ? {} : { source: { registry: source.registry, subscription: source.subscription } }),
        recordKey: recordKeyOf(keys.records, place.name).id,
        cluster: cluster.id,
        namespaces: place.its.cluster.namespaces,
        worker: worker.principalId,
        kubelet: cluster.kubelet,
      },
    });
  }

  const estate: Estate = {
    environments: made.map(({ held }) => held),
    build: build.principalId,
    signingKey: keys.signing.id,
    logs: logs.workspaceId,
  };
  const definitions = defineRoles(ground);
  grantAll(ground, estate, definitions);
  makeEligible(ground, estate, definitions);
  ringOnUse(ground, group, estate);
  makeAlerts(ground, group, estate);

  return {
    build: build.clientId,
    signingKey: keys.signing.uri,
    environments: Object.fromEntries(
      made.map(({ held: { name }, worker }) => [
        name,
        {
          registry: `${parameters.environments[name]?.registry.name}.${ground.cloud.registrySuffix}`,
          worker: worker.clientId,
          recordKey: recordKeyOf(keys.records, name).uri,
        },
      ]),
    ),
  };
}

function recordKeyOf<T>(keys: Readonly<Record<string, T>>, environment: string): T {
  const key = keys[environment];
  if (key === undefined) throw new Error(`no record key was made for ${environment}`);
  return key;
}
