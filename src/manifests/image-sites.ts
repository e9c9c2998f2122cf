/**
 * Where an object names images: containers of every sort and image volumes, at any depth, so that workloads of custom kinds
 * (Argo's Rollout, Knative's Service …) are held to the same rule as a Deployment. In custom kinds every text under "image" counts:
 * who knows which of them become pods.
 */
import { groupOf, isOwnGroup } from '../domain/kinds.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import type { Path } from './parse.ts';

export interface ImageSite {
  /** Path of the text inside the object. */
  readonly path: Path;
  readonly image: string;
  /** Key of the list it stands in: `containers`, `initContainers`, `ephemeralContainers`, `volumes`; `image`: in none of them. */
  readonly list: string;
}

const CONTAINER_LISTS: readonly string[] = ['containers', 'initContainers', 'ephemeralContainers'];

export function imageSites(object: ManifestObject): readonly ImageSite[] {
  return sitesBelow(object, [], isOwnGroup(groupOf(object.apiVersion)) ? 'own' : 'custom');
}

/** The object with `image` at each of the paths; nothing else is touched, the original stays as it is. */
export function withImages(object: ManifestObject, paths: readonly Path[], image: string): ManifestObject {
  const copy = structuredClone(object);
  for (const path of paths) {
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], copy);
    (parent as Record<string | number, unknown>)[path.at(-1) as string | number] = image;
  }
  return copy;
}

function sitesBelow(value: unknown, path: Path, kind: 'own' | 'custom'): readonly ImageSite[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => sitesBelow(item, [...path, index], kind));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...sitesInList(key, member, [...path, key]),
    ...(kind === 'custom' ? elsewhere(key, member, path) : []),
    ...sitesBelow(member, [...path, key], kind),
  ]);
}

/** What is not found by its list. */
function elsewhere(key: string, member: unknown, path: Path): readonly ImageSite[] {
  if (key !== 'image' || typeof member !== 'string') return [];
  const [list, index] = path.slice(-2);
  if (typeof index === 'number' && CONTAINER_LISTS.includes(String(list))) return [];
  return [{ path: [...path, key], image: member, list: key }];
}

function sitesInList(list: string, items: unknown, path: Path): readonly ImageSite[] {
  if (!Array.isArray(items)) return [];
  const tail = CONTAINER_LISTS.includes(list) ? ['image'] : list === 'volumes' ? ['image', 'reference'] : undefined;
  if (tail === undefined) return [];
  return items.flatMap((item, index) => {
    const image = tail.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], item);
    return typeof image === 'string' ? [{ path: [...path, index, ...tail], image, list }] : [];
  });
}
