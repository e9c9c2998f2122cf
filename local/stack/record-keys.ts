/** The keys with which the environments of the local world sign what they promoted: one each, made at the first start. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSecret } from '../../src/config/login-file.ts';
import { ENVIRONMENTS } from './world.ts';

export interface RecordKeyFiles {
  readonly keyFile: string;
  readonly publicFile: string;
}

export function recordKeyOf(folder: string, environment: string): RecordKeyFiles {
  return { keyFile: join(folder, `${environment}.pem`), publicFile: join(folder, `${environment}.pub`) };
}

/** Keys that are there stay, because records beside images are verified with them. */
export function makeRecordKeys(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { name } of ENVIRONMENTS) {
    const { keyFile, publicFile } = recordKeyOf(folder, name);
    if (existsSync(keyFile) && existsSync(publicFile)) continue;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeSecret(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    writeFileSync(publicFile, publicKey.export({ format: 'pem', type: 'spki' }));
  }
}
