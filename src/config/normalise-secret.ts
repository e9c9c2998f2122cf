/** Where a secret is, with an absolute path. */
import type { SecretReference } from './config.ts';
import type { WrittenSecret } from './written-secret.ts';

export function secretReference(written: WrittenSecret, at: (path: string) => string): SecretReference {
  return 'variable' in written
    ? { kind: 'variable', name: written.variable }
    : { kind: 'file', path: at(written.file) };
}
