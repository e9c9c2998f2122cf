/** Where source code lies, in one spelling: builders write the same repository in a dozen ways. */

export interface GitSource {
  /** `github.com/org/repo`: host in small letters, path as it is written, without user, scheme, `.git` and slash at the end. */
  readonly repository: string;
  /** As written: `refs/heads/main`, or a bare name. */
  readonly ref?: string;
  readonly commit?: string;
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** `git@host:path`, as ssh and git write it; without a user it could be any scheme. */
const SCP = /^[^@/:\s]+@([a-z0-9.-]+):(?!\/\/)([^\s:]+)$/i;
/** A path that means another one than it says, once somebody resolves it. */
const WINDING = /(?:^|\/)\.{1,2}(?:\/|$)|\\|%2e|%2f|%5c|\/\//i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'ssh:': '22', 'git:': '9418' };

/** Undefined for what is no address of a Git repository. `@refs/…` (SLSA) and `#…` (BuildKit) say the ref. */
export function parseGitSource(text: string): GitSource | undefined {
  const bare = text.trim().replace(/^git\+/i, '');
  const [address = '', fragment] = split(bare, bare.indexOf('#'));
  const [place, ref] = split(address, refAt(address));
  const repository = repositoryOf(place);
  if (repository === undefined) return undefined;
  const named = fragment?.split(':')[0] || ref || undefined;
  if (named === undefined) return { repository };
  return COMMIT.test(named) ? { repository, commit: named } : { repository, ref: named };
}

export function parseCommit(value: unknown): string | undefined {
  return typeof value === 'string' && COMMIT.test(value) ? value : undefined;
}

/** The last `@` behind the host: one before it parts user from host. */
function refAt(address: string): number {
  const path = address.indexOf('/', address.includes('://') ? address.indexOf('://') + 3 : 0);
  const found = address.lastIndexOf('@');
  return path >= 0 && found > path ? found : -1;
}

function split(text: string, index: number): readonly [string, string | undefined] {
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function repositoryOf(place: string): string | undefined {
  const hasScheme = place.includes('://');
  const scp = hasScheme ? null : SCP.exec(place);
  if (scp !== null) return spelt(scp[1] ?? '', scp[2] ?? '');
  const address = hasScheme ? place : `https://${place}`;
  // without a scheme only a dot tells a host from a folder
  if (!URL.canParse(address) || (!hasScheme && !/^[^/]*\./.test(place))) return undefined;
  const [, raw = ''] = /^[a-z+.-]+:\/\/[^/]*(\/.*)?$/i.exec(address) ?? [];
  const { protocol, hostname, port, pathname, search } = new URL(address);
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(protocol) || search !== '' || WINDING.test(raw)) return undefined;
  return spelt(port === '' || port === DEFAULT_PORTS[protocol] ? hostname : `${hostname}:${port}`, pathname);
}

function spelt(host: string, path: string): string | undefined {
  const inside = path
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
  if (inside === '' || host === '' || WINDING.test(inside)) return undefined;
  return `${host.toLowerCase()}/${inside}`;
}
