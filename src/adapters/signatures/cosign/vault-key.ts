/** A version of a key in a vault: fetched when it is needed, then judged like any pinned key. */
import type { KeyObject } from 'node:crypto';
import { PortError } from '../../../ports/port-error.ts';
import type { Judge } from './judge.ts';
import { fingerprint, judgeWithKey, type KeyTrust } from './pinned-key.ts';
import { both, type Window, windowOf } from './validity.ts';

export interface VaultKey {
  readonly key: KeyObject;
  /** The time in which the vault itself lets it be used; undefined: always. */
  readonly window?: Window;
}

/** Of an address with a version. Throws PortError when it cannot be found out, never for a "no". */
export type VaultKeys = (url: string) => Promise<VaultKey>;

/** Throws `config-invalid` for an address without a version: whoever rotates the key would decide whom is trusted. */
export function vaultKey(url: string, trust: KeyTrust, keys: VaultKeys | undefined): Judge {
  const { host, name, version } = placeOf(url);
  if (keys === undefined) throw invalid(url, 'nobody who could ask the vault');
  const window = windowOf(trust);
  return async (claim, at) => {
    const found = await keys(url);
    const by = `key ${name} ${version.slice(0, 12)} of ${host} ${fingerprint(found.key)}`;
    return judgeWithKey(found.key, by, trust, [{ kind: 'vault', url }])(claim, at, both(window, found.window));
  };
}

export interface VaultPlace {
  readonly vault: string;
  readonly host: string;
  readonly name: string;
  readonly version: string;
}

export function placeOf(url: string): VaultPlace {
  const { protocol, origin, host, pathname } = URL.canParse(url) ? new URL(url) : new URL('http://unknown');
  const [, name, version] = /^\/keys\/([A-Za-z0-9-]+)\/([A-Za-z0-9]+)$/.exec(pathname) ?? [];
  if (protocol !== 'https:' || name === undefined || version === undefined)
    throw invalid(url, 'no address of a version');
  return { vault: origin, host, name, version };
}

function invalid(url: string, got: string): PortError {
  return new PortError('config-invalid', `${url} cannot verify signatures`, {
    retry: 'no',
    expected: 'https://<vault>.vault.azure.net/keys/<name>/<version>',
    got,
    remedy: 'write the key with its version',
  });
}
