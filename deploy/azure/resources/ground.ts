/** What every part of the estate stands on: parameters, cloud, and one provider for each subscription. */
import * as azure from '@pulumi/azure-native';
import type * as pulumi from '@pulumi/pulumi';
import { type Cloud, CLOUDS } from '../parameters/clouds.ts';
import type { EnvironmentParameters, Parameters } from '../parameters/shape.ts';

export interface Ground {
  readonly parameters: Parameters;
  readonly cloud: Cloud;
  /** Options for resources of that subscription. */
  readonly within: (subscription: string) => { readonly provider: pulumi.ProviderResource };
}

export interface Place {
  readonly name: string;
  readonly its: EnvironmentParameters;
  readonly location: string;
  readonly group: azure.resources.ResourceGroup;
}

export function layGround(parameters: Parameters): Ground {
  const cloud = CLOUDS[parameters.cloud];
  const { environments, shared, tenant } = parameters;
  const subscriptions = [
    ...new Set([shared.subscription, ...Object.values(environments).map((its) => its.subscription)]),
  ];
  const providers = new Map(
    subscriptions.map((subscriptionId) => [
      subscriptionId,
      // signs in as whoever runs the program (az, a managed identity, OIDC): no secret is handed on
      new azure.Provider(`subscription-${subscriptionId}`, {
        subscriptionId,
        tenantId: tenant,
        environment: cloud.environment,
      }),
    ]),
  );
  return {
    parameters,
    cloud,
    within(subscription) {
      const provider = providers.get(subscription);
      if (provider === undefined) throw new Error(`no provider for subscription ${subscription}`);
      return { provider };
    },
  };
}

/** In the order of the path; each in a resource group of its own. */
export function environmentPlaces({ parameters, within }: Ground): readonly Place[] {
  return parameters.path.map((name) => {
    const its = parameters.environments[name] as EnvironmentParameters;
    const location = its.location ?? parameters.location;
    const group = new azure.resources.ResourceGroup(
      `group-${name}`,
      { resourceGroupName: its.resourceGroup, location, tags: { ...parameters.tags, environment: name } },
      { ...within(its.subscription), protect: true },
    );
    return { name, its, location, group };
  });
}

export function subscriptionScope(subscription: string): string {
  return `/subscriptions/${subscription}`;
}
