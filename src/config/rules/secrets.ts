/** What an address and the name of a secret must not be. */
import { isPrivateAddress } from '../../domain/web-address.ts';
import type { Path } from '../document.ts';
import { type Draft, type Finding, servicesOf } from './rule.ts';

/** Parameters of an address that give whoever knows them a right. */
const TELLING = /^(?:sig|signature|sas|token|access_token|key|api[_-]?key|code|secret|password|pass|auth)$/i;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const HTTPS = 'write https://…: nobody on the way may read or change what is said';

/** An address that stands in the file for everybody to read. */
export function addressFindings(path: Path, url: string, remedy: string): readonly Finding[] {
  if (!isPrivateAddress(url)) return [{ path, message: '"url" is no https:// address', remedy: HTTPS }];
  return tellingFindings(path, url, remedy);
}

/** Services are asked for their health where they run, without a word of whoever asks: the address stands in plans, records and evidence. */
export function healthAddressesHoldNoSecrets(draft: Draft): readonly Finding[] {
  return servicesOf(draft).flatMap(([name, { health }]) => {
    const urls = typeof health === 'object' ? (health.urls ?? {}) : {};
    return Object.entries(urls).flatMap(([environment, url]) =>
      url === undefined || !URL.canParse(url)
        ? []
        : tellingFindings(['services', name, 'health', 'urls', environment], url, 'let it answer there without one'),
    );
  });
}

function tellingFindings(path: Path, url: string, remedy: string): readonly Finding[] {
  const { username, password, searchParams } = new URL(url);
  if (username !== '' || password !== '') return [{ path, message: 'the address holds credentials', remedy }];
  const telling = [...searchParams.keys()].find((key) => TELLING.test(key));
  return telling === undefined ? [] : [{ path, message: `the address holds a secret ("${telling}")`, remedy }];
}

/** A secret in the place of its name would be in everybody's checkout. */
export function secretFindings(path: Path, reference: object | undefined): readonly Finding[] {
  const name = reference !== undefined && 'variable' in reference ? reference.variable : undefined;
  if (typeof name !== 'string' || (VARIABLE.test(name) && !name.startsWith('whsec_'))) return [];
  const message = 'this is no name of a variable; the secret itself has no place here';
  return [{ path: [...path, 'variable'], message, remedy: 'write a name such as SLUICE_OPS_SECRET' }];
}
