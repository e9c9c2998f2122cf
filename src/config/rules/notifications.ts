/** What notifications must not say. A receiver's address may be as secret as a password: then it is named, not written. */
import { isOwnAddress, isPrivateAddress } from '../../domain/web-address.ts';
import { NOTIFICATION } from '../defaults.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Path } from '../document.ts';
import { type Draft, type Finding, environmentNames } from './rule.ts';

type DraftReceiver = NonNullable<NonNullable<Draft['notifications']>[number]>;

/** Parameters of an address that give whoever knows them a right. */
const TELLING = /^(?:sig|signature|sas|token|access_token|key|api[_-]?key|code|secret|password|pass|auth)$/i;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function receiverNamesAreUnique(draft: Draft): readonly Finding[] {
  const names = (draft.notifications ?? []).map((one) => one?.name);
  return names.flatMap((name, index) =>
    name !== undefined && names.indexOf(name) < index
      ? [{ path: ['notifications', index, 'name'], message: `"${name}" is the name of another receiver already` }]
      : [],
  );
}

export function receiversAreAddressed(draft: Draft): readonly Finding[] {
  return receiversOf(draft).flatMap(([path, { url, urlFrom }]): readonly Finding[] => {
    if (url !== undefined && urlFrom !== undefined)
      return [{ path: [...path, 'urlFrom'], onKey: true, message: 'the address stands in "url" already' }];
    if (url !== undefined || urlFrom !== undefined) return [];
    const remedy = 'write "url", or name where it is kept with "urlFrom: { variable: … }" or "{ file: … }"';
    return [{ path, message: 'nothing says where it is', remedy }];
  });
}

export function receiverAddressesArePrivate(draft: Draft): readonly Finding[] {
  return receiversOf(draft).flatMap(([at, { url, format }]) => {
    const path = [...at, 'url'];
    if (url === undefined) return [];
    if (!isPrivateAddress(url)) return [{ path, message: '"url" is an https:// address' }];
    const { username, password, searchParams } = new URL(url);
    const remedy = 'keep it in a variable or a file and name that with "urlFrom"';
    const telling = [...searchParams.keys()].find((key) => TELLING.test(key));
    if (username !== '' || password !== '') return [{ path, message: 'the address holds credentials', remedy }];
    if (telling !== undefined) return [{ path, message: `the address holds a secret ("${telling}")`, remedy }];
    const isSecret = format === 'slack' || format === 'teams';
    return isSecret && !isOwnAddress(url)
      ? [{ path, message: `whoever knows the address of a ${format} webhook may write there: it is a secret`, remedy }]
      : [];
  });
}

/** Only events in their own form are signed: a chat checks no signature, and its address is the secret. */
export function receiversAreSigned(draft: Draft): readonly Finding[] {
  return receiversOf(draft).flatMap(([path, { format = NOTIFICATION.format, secretFrom }]): readonly Finding[] => {
    if (format === 'cloudevents' && secretFrom === undefined) {
      const remedy = 'name a secret with "secretFrom: { variable: … }" or "{ file: … }"';
      return [{ path, message: 'nothing signs what is sent there', remedy }];
    }
    if (format === 'cloudevents' || secretFrom === undefined) return [];
    return [
      { path: [...path, 'secretFrom'], onKey: true, message: `${format} checks no signature`, remedy: 'remove it' },
    ];
  });
}

/** A secret in the place of its name would be in everybody's checkout. */
export function secretsAreNamed(draft: Draft): readonly Finding[] {
  return receiversOf(draft).flatMap(([path, receiver]) =>
    (['urlFrom', 'secretFrom'] as const).flatMap((key) => {
      const reference = receiver[key];
      const name = reference !== undefined && 'variable' in reference ? reference.variable : undefined;
      if (name === undefined || (VARIABLE.test(name) && !name.startsWith('whsec_'))) return [];
      const message = 'this is no name of a variable; the secret itself has no place here';
      return [{ path: [...path, key, 'variable'], message, remedy: 'write a name such as SLUICE_OPS_SECRET' }];
    }),
  );
}

export function receiversHearOfWhatExists(draft: Draft): readonly Finding[] {
  const known = { environments: environmentNames(draft), services: Object.keys(draft.services ?? {}) };
  return receiversOf(draft).flatMap(([path, receiver]) =>
    (['environments', 'services'] as const).flatMap((key) =>
      (receiver[key] ?? []).flatMap((name, index) =>
        name === undefined || draft[key] === undefined || known[key].includes(name)
          ? []
          : [unknownName([...path, key, index], key === 'services' ? 'service' : 'environment', name, known[key])],
      ),
    ),
  );
}

function unknownName(path: Path, what: string, name: string, known: readonly string[]): Finding {
  const message = `there is no ${what} "${name}"${didYouMean(name, known)}`;
  return { path, message, remedy: `known: ${known.join(', ')}` };
}

function receiversOf(draft: Draft): readonly (readonly [Path, DraftReceiver])[] {
  return (draft.notifications ?? []).flatMap((one, index) =>
    typeof one === 'object' ? [[['notifications', index], one] as const] : [],
  );
}
