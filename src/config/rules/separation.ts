/** What keeps one environment out of another's way. */
import {
  type Draft,
  type DraftEnvironment,
  type DraftService,
  type Finding,
  environmentsOf,
  servicesOf,
} from './rule.ts';
import { REGISTRY_SUFFIX } from '../defaults.ts';
import { HTTPS } from './secrets.ts';

/** Undoing an import deletes the copy: with a shared registry that would be another environment's image. */
export function registriesAreSeparate(draft: Draft): readonly Finding[] {
  const seen = new Map<string, string>();
  return environmentsOf(draft).flatMap(([name, { registry }]) => {
    const host =
      registry?.loginServer ?? (registry?.acr === undefined ? undefined : `${registry.acr}${REGISTRY_SUFFIX}`);
    if (host === undefined) return [];
    const other = seen.get(host);
    seen.set(host, other ?? name);
    if (other === undefined) return [];
    return [
      {
        path: ['environments', name, 'registry'],
        message: `"${name}" and "${other}" share the registry ${host}: undoing an import into one would delete the other's image`,
        remedy: 'give each environment a registry of its own',
      },
    ];
  });
}

export function registryHostsAreHosts(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { registry }]) => {
    const host = registry?.loginServer;
    if (host === undefined || /^[a-z0-9.-]+(?::[0-9]{1,5})?$/i.test(host)) return [];
    const message = `"loginServer" is a host, or host:port, without scheme and path`;
    return [
      { path: ['environments', name, 'registry', 'loginServer'], message, remedy: 'such as onestreamdev.azurecr.io' },
    ];
  });
}

export function resourceManagerIsHttps(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { registry }]) => {
    const endpoint = registry?.endpoint;
    if (endpoint === undefined || (URL.canParse(endpoint) && new URL(endpoint).protocol === 'https:')) return [];
    const message = '"endpoint" is no https:// address';
    return [{ path: ['environments', name, 'registry', 'endpoint'], message, remedy: HTTPS }];
  });
}

/** Two environments of one service in one namespace of one cluster overwrite each other. */
export function placesAreSeparate(draft: Draft): readonly Finding[] {
  return servicesOf(draft).flatMap(([service, rules]) => {
    const seen = new Map<string, string>();
    return environmentsOf(draft).flatMap(([name, environment]) => {
      const place = placeOf(service, rules, name, environment);
      if (place === undefined) return [];
      const other = seen.get(place);
      seen.set(place, other ?? name);
      if (other === undefined) return [];
      return [
        {
          path: ['services', service, 'namespace'],
          message: `in "${other}" and "${name}" the service lives in the same namespace of the same cluster`,
          remedy: `give it one namespace for each: namespace: {${other}: …, ${name}: …}`,
        },
      ];
    });
  });
}

export function namespacesCoverThePath(draft: Draft): readonly Finding[] {
  return servicesOf(draft).flatMap(([service, rules]) => {
    const { namespace } = rules;
    if (typeof namespace !== 'object') return [];
    const path = (rules.path ?? draft.path ?? []).filter(
      (name): name is string => name !== undefined && name in (draft.environments ?? {}),
    );
    const lacking = path.filter((name) => !(name in namespace));
    if (lacking.length === 0) return [];
    return [
      {
        path: ['services', service, 'namespace'],
        message: `no namespace for ${lacking.map((name) => `"${name}"`).join(', ')}, which the service passes`,
        remedy: 'name one for every environment of its path',
      },
    ];
  });
}

function placeOf(
  service: string,
  rules: DraftService,
  name: string,
  { cluster }: DraftEnvironment,
): string | undefined {
  if (cluster === undefined || 'simulated' in cluster) return undefined;
  const namespace = typeof rules.namespace === 'object' ? rules.namespace[name] : (rules.namespace ?? service);
  return namespace === undefined ? undefined : JSON.stringify([cluster, namespace]);
}
