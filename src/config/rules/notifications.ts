/** What notifications must not say. A receiver's address may be as secret as a password: then it is named, not written. */
import { isOwnAddress } from '../../domain/web-address.ts';
import { NOTIFICATION } from '../defaults.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Path } from '../document.ts';
import { type Draft, type Finding, environmentNames } from './rule.ts';
import { addressFindings, secretFindings } from './secrets.ts';

type DraftReceiver = NonNullable<NonNullable<Draft['notifications']>[number]>;

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
  return receiversOf(draft).flatMap(([at, { url, format }]): readonly Finding[] => {
    const path = [...at, 'url'];
    if (url === undefined) return [];
    const remedy = 'keep it in a variable or a file and name that with "urlFrom"';
    const findings = addressFindings(path, url, remedy);
    const isSecret = format === 'slack' || format === 'teams';
    if (findings.length > 0 || !isSecret || isOwnAddress(url)) return findings;
    return [
      { path, message: `whoever knows the address of a ${format} webhook may write there: it is a secret`, remedy },
    ];
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

export function secretsAreNamed(draft: Draft): readonly Finding[] {
  return receiversOf(draft).flatMap(([path, receiver]) =>
    (['urlFrom', 'secretFrom'] as const).flatMap((key) => secretFindings([...path, key], receiver[key])),
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
