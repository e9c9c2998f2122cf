/** Package URLs (https://github.com/package-url/purl-spec), as far as one is compared with another. */

export interface PackageUrl {
  readonly type: string;
  /** Namespace and name, as written. */
  readonly path: string;
  readonly version?: string;
  readonly qualifiers: ReadonlyMap<string, string>;
}

export function parsePackageUrl(text: string): PackageUrl | undefined {
  const [, type = '', rest = ''] = /^pkg:\/{0,2}([a-z0-9.+-]+)\/([^#]+)/i.exec(text.trim()) ?? [];
  if (type === '') return undefined;
  const query = rest.indexOf('?');
  const place = query < 0 ? rest : rest.slice(0, query);
  const at = place.lastIndexOf('@');
  const path = decoded(at <= 0 ? place : place.slice(0, at));
  const version = at <= 0 ? undefined : decoded(place.slice(at + 1));
  if (path === undefined || (at > 0 && version === undefined)) return undefined;
  return {
    type: type.toLowerCase(),
    path: path.replace(/^\/+|\/+$/g, ''),
    ...(version === undefined || version === '' ? {} : { version }),
    qualifiers: new Map(new URLSearchParams(query < 0 ? '' : rest.slice(query + 1))),
  };
}

/** Whether `narrower` is a package that `wider` means: the same one, of any version where it names none. */
export function covers(wider: PackageUrl, narrower: PackageUrl): boolean {
  return (
    wider.type === narrower.type &&
    wider.path === narrower.path &&
    (wider.version === undefined || wider.version === narrower.version) &&
    [...wider.qualifiers].every(([key, value]) => narrower.qualifiers.get(key) === value)
  );
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
