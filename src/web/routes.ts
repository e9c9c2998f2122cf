/** Which page an address means. */
import type { ReleaseKey } from '../client/index.ts';

export type Form = 'page' | 'json';

export type Route =
  | { readonly to: 'board'; readonly form: Form }
  | { readonly to: 'releases'; readonly form: Form; readonly query: URLSearchParams }
  | { readonly to: 'release'; readonly form: Form; readonly key: ReleaseKey }
  | { readonly to: 'environment'; readonly form: Form; readonly environment: string }
  | { readonly to: 'environments'; readonly form: 'json' }
  | { readonly to: 'events'; readonly key: ReleaseKey }
  | { readonly to: 'question'; readonly key: ReleaseKey; readonly environment: string }
  | { readonly to: 'session' }
  | { readonly to: 'signed-in'; readonly query: URLSearchParams }
  | { readonly to: 'asset'; readonly href: string }
  | { readonly to: 'health' };

/** Undefined when it means none. */
export function routeOf(url: URL): Route | undefined {
  const [first = '', ...rest] = segmentsOf(url.pathname) ?? [];
  if (first === '' && rest.length === 0) return { to: 'board', form: 'page' };
  if (first === 'healthz' && rest.length === 0) return { to: 'health' };
  if (first === 'session.json' && rest.length === 0) return { to: 'session' };
  if (first === 'signed-in' && rest.length === 0) return { to: 'signed-in', query: url.searchParams };
  if (first === 'assets') return { to: 'asset', href: url.pathname };
  if (first === 'environments') return toEnvironment(rest);
  if (first === 'releases' && rest.length > 0) return toRelease(rest);
  if (rest.length > 0) return undefined;
  const { name, form } = formOf(first);
  if (name === 'releases') return { to: 'releases', form, query: url.searchParams };
  if (name === 'environments' && form === 'json') return { to: 'environments', form };
  return name === 'board' && form === 'json' ? { to: 'board', form } : undefined;
}

function toEnvironment([last = '', ...more]: readonly string[]): Route | undefined {
  const { name, form } = formOf(last);
  return name === '' || more.length > 0 ? undefined : { to: 'environment', form, environment: name };
}

/** A slash at the end says that the version ends in ".json" and a page is meant. */
function toRelease([service = '', last = '', end, ...more]: readonly string[]): Route | undefined {
  if (service === '' || last === '') return undefined;
  const key = { service, version: last };
  if (more.length > 0) return end !== undefined && end !== '' ? toQuestion(key, end, more) : undefined;
  if (end === 'events') return { to: 'events', key };
  if (end === '') return { to: 'release', form: 'page', key };
  if (end !== undefined) return undefined;
  const { name, form } = formOf(last);
  return { to: 'release', form, key: { service, version: name } };
}

function toQuestion(key: ReleaseKey, environment: string, [last, ...more]: readonly string[]): Route | undefined {
  return last === 'answer' && more.length === 0 ? { to: 'question', key, environment } : undefined;
}

/** What may be sent here, by its path. */
export const POSTS = {
  '/answers': 'answer',
  '/overrides': 'override',
  '/restraints': 'restrain',
  '/sign-in': 'sign-in',
  '/sign-out': 'sign-out',
} as const;
export type Post = (typeof POSTS)[keyof typeof POSTS];

export function postOf(path: string): Post | undefined {
  return Object.entries(POSTS).find(([known]) => known === path)?.[1];
}

function formOf(last: string): { readonly name: string; readonly form: Form } {
  return last.endsWith('.json') ? { name: last.slice(0, -'.json'.length), form: 'json' } : { name: last, form: 'page' };
}

function segmentsOf(pathname: string): readonly string[] | undefined {
  try {
    return pathname.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return ['', 'not decodable'];
  }
}
