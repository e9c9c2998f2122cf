/** From the keys of a configuration's environments to whoever knows their records: the same for workers and for the command line. */
import { createCosignSignatures } from '../adapters/signatures/cosign/cosign-signatures.ts';
import type { Config } from '../config/config.ts';
import type { Signatures } from '../ports/signatures.ts';

/** Keys of environments vouch for their records and for nothing else, so they are no signers among the others. Undefined: none signs any. */
export function recordersOf({ records }: Config): Signatures | undefined {
  const known = Object.entries(records);
  if (known.length === 0) return undefined;
  const keys = known.map(([name, { file, pem }]) => [name, [{ kind: 'key' as const, file, pem }]] as const);
  return createCosignSignatures(Object.fromEntries(keys));
}
