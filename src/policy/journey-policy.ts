/** Which environments a service passes through, and in which order. */
import type { Refusal } from '../domain/error-code.ts';
import { isVersion } from '../domain/names.ts';
import type { EnvironmentRules, Rulebook, ServiceRules } from '../domain/rulebook.ts';

export type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export interface JourneyAsked {
  readonly service: string;
  readonly version: string;
  readonly until?: string;
}

/** The path up to and including `until`; refuses unknown services and environments by naming the known ones. */
export function journeyOf(rulebook: Rulebook, asked: JourneyAsked): Asked<readonly string[]> {
  const service = serviceOf(rulebook, asked.service);
  if (!service.ok) return service;
  if (!isVersion(asked.version)) {
    return no({
      code: 'version-malformed',
      message: `"${asked.version}" cannot be a version: it becomes a registry tag`,
      expected: 'letters, digits, "_", "." and "-", at most 128, not starting with "." or "-"',
      got: asked.version,
      remedy: 'give the release another version',
    });
  }
  const path = service.value.path;
  if (asked.until === undefined) return yes(path);
  const end = path.indexOf(asked.until);
  if (end < 0) return no(unknownEnvironment(asked.until, path, `the path of ${asked.service}`));
  return yes(path.slice(0, end + 1));
}

export function serviceOf(rulebook: Rulebook, name: string): Asked<ServiceRules> {
  const service = Object.hasOwn(rulebook.services, name) ? rulebook.services[name] : undefined;
  if (service !== undefined) return yes(service);
  const known = Object.keys(rulebook.services).join(', ');
  return no({
    code: 'service-unknown',
    message: `no service "${name}" in the workers' configuration`,
    expected: `one of: ${known}`,
    got: name,
    remedy: 'check the spelling, or add the service to sluice.yaml and restart the workers',
  });
}

export function environmentOf(rulebook: Rulebook, name: string): Asked<EnvironmentRules> {
  const environment = Object.hasOwn(rulebook.environments, name) ? rulebook.environments[name] : undefined;
  if (environment !== undefined) return yes(environment);
  return no(unknownEnvironment(name, Object.keys(rulebook.environments), "the workers' configuration"));
}

function unknownEnvironment(name: string, known: readonly string[], where: string): Refusal {
  return {
    code: 'environment-unknown',
    message: `no environment "${name}" in ${where}`,
    expected: `one of: ${known.join(', ')}`,
    got: name,
    remedy: 'check the spelling, or add the environment to sluice.yaml and restart the workers',
  };
}

function yes<T>(value: T): Asked<T> {
  return { ok: true, value };
}

function no(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
