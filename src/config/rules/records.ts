/** What keys of records, and demands for records, must not say. */
import { didYouMean } from '../did-you-mean.ts';
import { type Draft, environmentNames, environmentsOf, type Finding, servicesOf } from './rule.ts';
import { secretFindings } from './secrets.ts';

/** A record of an environment that comes later, or never, is there for no image that may enter. */
export function recordsAreOfEarlierEnvironments(draft: Draft): readonly Finding[] {
  const known = environmentNames(draft);
  const paths = [draft.path, ...servicesOf(draft).map(([, service]) => service.path)];
  const written = new Map(environmentsOf(draft));
  return environmentsOf(draft).flatMap(([environment, { proofs }]) =>
    (proofs?.records ?? []).flatMap((one, index): readonly Finding[] => {
      const of = one?.of;
      if (of === undefined) return [];
      const path = ['environments', environment, 'proofs', 'records', index, 'of'];
      if (!known.includes(of)) {
        const message = `there is no environment "${of}"${didYouMean(of, known)}`;
        return [{ path, message, remedy: `known: ${known.join(', ')}` }];
      }
      const isBefore = paths.every((one) => {
        const here = one?.indexOf(environment) ?? -1;
        return one === undefined || here < 0 || (one.includes(of) && one.indexOf(of) < here);
      });
      if (!isBefore) {
        const message = `"${of}" does not come before "${environment}" on every path: its record would never be there`;
        return [{ path, message, remedy: 'name an environment that every release passes before this one' }];
      }
      if (written.get(of)?.records !== undefined) return [];
      const message = `"${of}" signs no records`;
      return [{ path, message, remedy: `write environments.${of}.records with the key that it signs with` }];
    }),
  );
}

/** One key for two environments: whoever signs for the one could sign for the other. */
export function recordKeysAreSeparate(draft: Draft): readonly Finding[] {
  const seen = new Map<string, string>();
  return environmentsOf(draft).flatMap(([name, { records }]) => {
    if (records?.key === undefined) return [];
    const key = JSON.stringify(records.key);
    const other = seen.get(key);
    seen.set(key, other ?? name);
    if (other === undefined) return [];
    const message = `"${name}" and "${other}" sign their records with one key: each could write the other's`;
    return [
      { path: ['environments', name, 'records', 'key'], message, remedy: 'give each environment a key of its own' },
    ];
  });
}

export function recordKeysAreNamed(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { records }]) => {
    const key = records?.key;
    const path = ['environments', name, 'records', 'key'];
    if (key !== undefined && 'vault' in key) return vaultFindings(path, key.vault);
    return secretFindings(path, key);
  });
}

/** Without its version the key may be another one tomorrow. */
function vaultFindings(path: readonly string[], url: string | undefined): readonly Finding[] {
  if (url === undefined || /^\/keys\/[0-9A-Za-z-]+\/[0-9A-Za-z]+\/?$/.test(new URL(url).pathname)) return [];
  const message = 'this names no version of a key in a vault';
  return [{ path: [...path, 'vault'], message, remedy: 'write https://<vault>.vault.azure.net/keys/<name>/<version>' }];
}
