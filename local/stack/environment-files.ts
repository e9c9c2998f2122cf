/** Files for `source`, which make a shell the build pipeline's, an auditor's or one person's. Owner-only: the identity's header is a secret. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from '../tools/place.mjs';
import { belongingsOf, PEOPLE } from './people.ts';
import type { ProcessHost } from './process-environment.ts';

/** As much of a stack as the files are about. */
interface Surroundings {
  readonly dir: string;
  readonly peopleFolder: string;
  env(host: ProcessHost, user?: string): Readonly<Record<string, string>>;
}

/** The build pipeline's. */
export function environmentFile(stack: Pick<Surroundings, 'dir'>): string {
  return join(stack.dir, 'env');
}

/** Of somebody who may read every registry, and nothing else: who exports evidence, and asks what is proven of an image anywhere. */
export function auditorsFile(stack: Pick<Surroundings, 'peopleFolder'>): string {
  return belongingsOf(stack.peopleFolder, AUDITOR).environmentFile;
}

const AUDITOR = 'auditor';

export function writeEnvironmentFiles(stack: Surroundings): void {
  writeFileSync(environmentFile(stack), exportLines(stack.env('pipeline')), { mode: 0o600 });
  mkdirSync(dirname(auditorsFile(stack)), { recursive: true, mode: 0o700 });
  writeFileSync(auditorsFile(stack), exportLines(stack.env('auditor', AUDITOR)), { mode: 0o600 });
  for (const { name } of PEOPLE) {
    const { environmentFile: file } = belongingsOf(stack.peopleFolder, name);
    writeFileSync(file, personLines(stack.env('person', name)), { mode: 0o600 });
  }
}

const INHERITED = ['HOME', 'LANG', 'TZ', 'TMPDIR', 'TERM', 'NO_COLOR', 'PATH'];

/** `export NAME='value'` lines. */
function exportLines(env: Readonly<Record<string, string>>): string {
  const own = Object.entries(env).filter(([name]) => !INHERITED.includes(name));
  const lines = own.map(([name, value]) => `export ${name}='${value}'`);
  return `${[...lines, `export PATH="${join(checkout, 'bin')}:$PATH"`].join('\n')}\n`;
}

/** The shell may have been the pipeline's before, whose identity is nobody else's. */
function personLines(env: Readonly<Record<string, string>>): string {
  return `unset IDENTITY_ENDPOINT IDENTITY_HEADER\n${exportLines(env)}`;
}
