/** The people of the local world: who they are, and the keys and logins of each, in a folder of the stack's own. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Login, writeSecret } from '../../src/config/login-file.ts';

export interface LocalPerson {
  readonly name: string;
  /** As `trust.approvers` names them. */
  readonly groups: readonly string[];
}

export const PEOPLE: readonly LocalPerson[] = [
  { name: 'ada', groups: ['release-managers'] },
  { name: 'grace', groups: ['release-managers'] },
  { name: 'linus', groups: ['release-managers'] },
  { name: 'margaret', groups: ['incident-managers'] },
];

/** Everything of one person: they alone would have it, on machines of their own. */
export interface Belongings {
  readonly folder: string;
  /** What `sluice` knows them by; names the key. Absent until they log in. */
  readonly loginFile: string;
  readonly keyFile: string;
  readonly publicFile: string;
  /** For `source`: makes a shell theirs. */
  readonly environmentFile: string;
}

/** `folder` is that of all people; somebody who is none of {@link PEOPLE} has a place there, too, and never a key. */
export function belongingsOf(folder: string, name: string): Belongings {
  const at = (file: string): string => join(folder, name, file);
  return {
    folder: join(folder, name),
    loginFile: at('login.json'),
    keyFile: at('key.pem'),
    publicFile: at('key.pem.pub'),
    environmentFile: at('env'),
  };
}

/** As `sluice login --key` would for each of them; keys that are there stay, because open questions are answered with them. */
export function logInEverybody(folder: string): void {
  for (const { name } of PEOPLE) {
    const { keyFile, publicFile, loginFile } = belongingsOf(folder, name);
    if (!existsSync(keyFile)) {
      const { privateKey } = generateKeyPairSync('ed25519');
      writeSecret(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    }
    const publicKey = createPublicKey(readFileSync(keyFile, 'utf8'));
    writeFileSync(publicFile, publicKey.export({ format: 'pem', type: 'spki' }));
    writeSecret(loginFile, JSON.stringify({ kind: 'key', subject: name, keyFile } satisfies Login));
  }
}

/** Places for those who log in themselves. */
export function makePlaces(folder: string): void {
  for (const { name } of PEOPLE) mkdirSync(belongingsOf(folder, name).folder, { recursive: true, mode: 0o700 });
}

/** Public keys by group, as `trust.approvers` wants them. */
export function keyHolders(folder: string): Readonly<Record<string, readonly { name: string; key: string }[]>> {
  const groups = [...new Set(PEOPLE.flatMap((one) => one.groups))];
  return Object.fromEntries(
    groups.map((group) => [
      group,
      PEOPLE.filter((one) => one.groups.includes(group)).map(({ name }) => ({
        name,
        key: belongingsOf(folder, name).publicFile,
      })),
    ]),
  );
}
