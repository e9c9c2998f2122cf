/** Names that become workflow ids, task queues and labels. */
import { isRepository } from '../../domain/image-reference.ts';
import { isName } from '../../domain/names.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Path } from '../document.ts';
import { type Draft, type Finding, environmentNames, servicesOf } from './rule.ts';

const GRAMMAR = 'use lower-case letters, digits and "-" (at most 63, starting and ending with a letter or digit)';

export function namesAreLabels(draft: Draft): readonly Finding[] {
  return [
    ...environmentNames(draft).map((name) => ['environments', name] as const),
    ...Object.keys(draft.services ?? {}).map((name) => ['services', name] as const),
  ]
    .filter(([, name]) => !isName(name))
    .map((path) => ({ path, onKey: true, message: `"${path[1]}" cannot be a name`, remedy: GRAMMAR }));
}

export function somethingIsConfigured(draft: Draft): readonly Finding[] {
  return (['environments', 'services'] as const)
    .filter((section) => draft[section] !== undefined && Object.keys(draft[section]).length === 0)
    .map((section) => ({ path: [section], message: `"${section}" is empty`, remedy: 'name at least one' }));
}

export function pathsNameEnvironments(draft: Draft): readonly Finding[] {
  const own = servicesOf(draft).map(([name, service]) => [['services', name, 'path'], service.path ?? []] as const);
  return [[['path'], draft.path ?? []] as const, ...own].flatMap(([path, list]) => checkPath(draft, path, list));
}

export function repositoriesAreWellFormed(draft: Draft): readonly Finding[] {
  return servicesOf(draft)
    .filter(([, service]) => service.repository !== undefined && !isRepository(service.repository))
    .map(([name, service]) => ({
      path: ['services', name, 'repository'],
      message: `"${service.repository}" is no repository`,
      remedy: 'write it without registry and tag, such as team/iam',
    }));
}

export function perEnvironmentKeysAreEnvironments(draft: Draft): readonly Finding[] {
  return servicesOf(draft).flatMap(([name, service]) => {
    const namespace = typeof service.namespace === 'object' ? service.namespace : {};
    const urls = typeof service.health === 'object' ? (service.health.urls ?? {}) : {};
    return [
      ...Object.keys(namespace).flatMap((key) =>
        unknownEnvironment(draft, ['services', name, 'namespace', key], key, true),
      ),
      ...Object.keys(urls).flatMap((key) =>
        unknownEnvironment(draft, ['services', name, 'health', 'urls', key], key, true),
      ),
    ];
  });
}

function checkPath(draft: Draft, path: Path, list: readonly (string | undefined)[]): readonly Finding[] {
  return list.flatMap((name, index) => {
    if (name === undefined) return [];
    if (list.indexOf(name) < index) return [{ path: [...path, index], message: `"${name}" is on the path twice` }];
    return unknownEnvironment(draft, [...path, index], name, false);
  });
}

function unknownEnvironment(draft: Draft, path: Path, name: string, onKey: boolean): readonly Finding[] {
  const known = environmentNames(draft);
  if (draft.environments === undefined || known.includes(name)) return [];
  const remedy = `known: ${known.join(', ')}`;
  return [{ path, onKey, message: `there is no environment "${name}"${didYouMean(name, known)}`, remedy }];
}
