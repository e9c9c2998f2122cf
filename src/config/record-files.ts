/** The public keys by which records of promotions are verified, read and looked at before anybody trusts them. */
import { resolve } from 'node:path';
import { readRecordKey, RECORD_KEYS } from '../content/record-key.ts';
import type { RecordTrust } from './config.ts';
import { type Draft, environmentsOf, type Finding } from './rules/rule.ts';
import type { ReadText } from './reading.ts';

export interface RecordFiles {
  /** By environment. */
  readonly keys: Readonly<Record<string, RecordTrust>>;
  readonly findings: readonly Finding[];
}

export function readRecordKeys(draft: Draft, folder: string, readText: ReadText): RecordFiles {
  const keys: Record<string, RecordTrust> = {};
  const findings: Finding[] = [];
  for (const [environment, { records }] of environmentsOf(draft)) {
    if (records?.publicKey === undefined) continue;
    const file = resolve(folder, records.publicKey);
    const path = ['environments', environment, 'records', 'publicKey'];
    try {
      const pem = checked(readText(file));
      const other = Object.keys(keys).find((name) => keys[name]?.pem === pem);
      if (other !== undefined) throw new RangeError(`it is the key of "${other}" as well`);
      keys[environment] = { file, pem };
    } catch (cause) {
      const remedy =
        'write the path of the public half in PEM form (openssl pkey -in KEY -pubout), relative to this file';
      findings.push({ path, message: `cannot use ${file}: ${reasonOf(cause)}`, remedy });
    }
  }
  return { keys, findings };
}

function checked(pem: string): string {
  if (pem.includes('PRIVATE KEY')) throw new RangeError('it holds a private key, which has no place here');
  readRecordKey(pem);
  return pem;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && cause.code === 'ENOENT') return 'no such file';
  return cause instanceof RangeError ? `${cause.message}; expected ${RECORD_KEYS} of its own` : cause.message;
}
