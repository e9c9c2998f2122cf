/** The description as items, in the order in which they must be made: what others refer to comes first. */
import { key } from '../description/rules.ts';
import type { Description } from '../description/schema.ts';
import { wantedChecks } from '../project/checks.ts';
import { marked, type Item, type Target } from './item.ts';

/** Everything that shall be. */
export function wanted(description: Description): Item[] {
  return [settings(description), ...things(description), ...guards(description)];
}

function settings({ settings: wish }: Description): Item {
  return {
    kind: 'settings',
    name: 'pipelines',
    values: {
      buildsFromForks: wish.buildsFromForks,
      secretsForForks: wish.secretsForForks,
      freeVariablesAtQueueTime: wish.freeVariablesAtQueueTime,
      tokenBeyondProject: wish.tokenBeyondProject,
    },
  };
}

function things(description: Description): Item[] {
  const environments = description.environments.map((one): Item => ({
    kind: 'environment',
    name: one.name,
    values: { description: marked(one.description) },
  }));
  const connections = description.connections.map((one): Item => ({
    kind: 'connection',
    name: one.name,
    values: {
      description: marked(one.description),
      scheme: 'WorkloadIdentityFederation',
      cloud: description.cloud,
      tenant: description.tenant.toLowerCase(),
      clientId: one.clientId.toLowerCase(),
      subscription: one.subscription.id.toLowerCase(),
      subscriptionName: one.subscription.name,
      shared: false,
    },
  }));
  const groups = description.variableGroups.map((one): Item => {
    const source =
      one.keyVault === undefined
        ? { source: 'plain', variables: plain(one.variables ?? {}) }
        : {
            source: 'key vault',
            vault: one.keyVault.vault,
            connection: one.keyVault.connection,
            secrets: [...one.keyVault.secrets].sort(),
          };
    return { kind: 'variable group', name: one.name, values: { description: marked(one.description), ...source } };
  });
  return [...environments, ...connections, ...groups];
}

/** `NAME=value`, sorted; a secret is told without its value, which the service never shows. */
export const plain = (variables: Readonly<Record<string, string>>): string[] =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .sort();

/** Checks come before permissions: a resource is guarded before a pipeline may use it. */
function guards(description: Description): Item[] {
  const all = targets(description);
  const checks = all.flatMap(({ on, environment }) => {
    const guarding = description.environments.find(
      (one) => environment !== undefined && key(one.name) === key(environment),
    );
    return Object.entries(wantedChecks(description, guarding)).map(([name, values]): Item => ({
      kind: 'check',
      name,
      on,
      values,
    }));
  });
  const permissions = all.map(({ on, pipelines }): Item => ({
    kind: 'permission',
    name: 'pipelines',
    on,
    values: { open: false, pipelines: [...pipelines].sort() },
  }));
  return [...checks, ...permissions];
}

function targets(
  description: Description,
): { on: Target; environment: string | undefined; pipelines: readonly string[] }[] {
  return [
    ...description.environments.map((one) => ({
      on: { type: 'environment' as const, name: one.name },
      environment: one.name,
      pipelines: one.pipelines,
    })),
    ...description.connections.map((one) => ({
      on: { type: 'endpoint' as const, name: one.name },
      environment: one.environment,
      pipelines: one.pipelines,
    })),
    ...description.variableGroups.map((one) => ({
      on: { type: 'variablegroup' as const, name: one.name },
      environment: one.environment,
      pipelines: one.pipelines,
    })),
  ];
}
