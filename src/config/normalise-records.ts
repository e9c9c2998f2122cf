/** Written keys of records → where the private one is and what the public one says; whose record an environment demands. */
import type { RecordKey, RecordTrust } from './config.ts';
import { secretReference } from './normalise-secret.ts';
import type { WrittenConfig } from './written.ts';
import type { WrittenRecords } from './written-records.ts';

export function recordKey({ key }: WrittenRecords, at: (path: string) => string): RecordKey {
  return 'vault' in key ? { kind: 'vault', url: key.vault } : secretReference(key, at);
}

/** Keys that decide about a promotion: those of environments whose record another one demands. Nothing demanded adds nothing. */
export function demandedKeys(
  { environments }: WrittenConfig,
  keys: Readonly<Record<string, RecordTrust>>,
): { readonly records?: Readonly<Record<string, string>> } {
  const demanded = Object.values(environments).flatMap(({ proofs }) => (proofs?.records ?? []).map((one) => one.of));
  const pems = [...new Set(demanded)].sort().map((name) => [name, keys[name]?.pem ?? ''] as const);
  return pems.length === 0 ? {} : { records: Object.fromEntries(pems) };
}
