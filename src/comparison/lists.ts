/** Objects of a cluster as `kubectl get … -o json` or `-o yaml` writes them down, from one file or several. Every problem at once. */
import { parseAllDocuments } from 'yaml';
import type { Problem } from '../domain/error-code.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { identityOf } from '../manifests/changes.ts';
import { nameOf } from './derived.ts';

/** One file by the name under which it was given. */
export interface WrittenObjects {
  readonly path: string;
  readonly text: string;
}

export interface ReadObjects {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly Problem[];
}

/** Lists within lists are opened; an object that stands there twice, in whatever file, is a problem: which of them counts? */
export function readObjects(files: readonly WrittenObjects[]): ReadObjects {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  const objects = files.flatMap(({ path, text }) =>
    documents(path, text, problems).filter((object) => {
      const [name, key] = [placeOf(object), identityOf(object)];
      const before = seen.get(key);
      seen.set(key, path);
      if (before === undefined) return true;
      const message = `${name} stands there twice${before === path ? '' : `, also in ${before}`}`;
      problems.push({ where: path, message, remedy: 'list each object once: one file for each namespace or kind' });
      return false;
    }),
  );
  return { objects, problems };
}

/** `deployment/iam in iam`, whatever version its API has. */
export function placeOf(object: ManifestObject): string {
  const { namespace } = object.metadata;
  return `${nameOf(object)}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

function documents(path: string, text: string, problems: Problem[]): readonly ManifestObject[] {
  const parsed = parseAllDocuments(text);
  // no document at all is an object with an `empty` mark
  const all = Array.isArray(parsed) ? parsed : [];
  const errors = all.flatMap(({ errors }) => errors);
  if (all.length === 0 || errors.length > 0) {
    const [first] = errors;
    const message = first === undefined ? 'is empty' : `is neither JSON nor YAML: ${first.message.split('\n')[0]}`;
    problems.push({ where: path, message, remedy: RECORD });
    return [];
  }
  return all.flatMap((document) => opened(path, document.toJS() as unknown, problems));
}

const RECORD = 'record it with "kubectl --namespace NAMESPACE get all,configmaps,ingresses -o json"';

function opened(path: string, value: unknown, problems: Problem[], at = ''): readonly ManifestObject[] {
  const { kind, items, apiVersion, metadata } = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(items) && typeof kind === 'string' && kind.endsWith('List'))
    return items.flatMap((item, index) => opened(path, item, problems, `${at}items[${index}]`));
  const { name } = (metadata ?? {}) as { readonly name?: unknown };
  if (typeof kind === 'string' && typeof apiVersion === 'string' && typeof name === 'string')
    return [value as ManifestObject];
  problems.push({
    where: path,
    message: `${at === '' ? 'its content' : at} is no object of a cluster: apiVersion, kind or metadata.name is missing`,
    remedy: RECORD,
  });
  return [];
}
