/** Secrets are read where they are needed, when they are needed, and are kept nowhere. */
import { readFileSync, statSync } from 'node:fs';
import type { SecretReference } from './config.ts';

const MOST_BYTES = 64 * 1024;

/** The secret, trimmed; undefined when there is none. What went wrong with a file is not said: a secret might be in it. */
export function readSecret(reference: SecretReference): string | undefined {
  const text = reference.kind === 'variable' ? process.env[reference.name] : textOf(reference.path);
  const secret = text?.trim();
  return secret === '' ? undefined : secret;
}

function textOf(path: string): string | undefined {
  try {
    return statSync(path).size > MOST_BYTES ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
