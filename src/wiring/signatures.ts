/** From the signers of a configuration to whoever verifies: the same for workers and for the command line. */
import type { TokenCredential } from '@azure/core-auth';
import { azureVaultKeys } from '../adapters/signatures/cosign/azure-vault-keys.ts';
import { type CosignOptions, createCosignSignatures } from '../adapters/signatures/cosign/cosign-signatures.ts';
import { notationLook } from '../adapters/signatures/notation/notation-look.ts';
import type { Config, SignatureTrust } from '../config/config.ts';
import { notation, readText } from '../config/load.ts';
import { readRevocations, revocationProblems } from '../config/revocations.ts';
import type { Revocation } from '../domain/revocation.ts';
import { PortError } from '../ports/port-error.ts';
import type { Signatures } from '../ports/signatures.ts';

/** Connects nothing; `credential` is what vaults are asked with. Throws PortError `config-invalid` for a key or root that is unusable. */
export function signaturesOf(config: Config, credential: TokenCredential): Signatures {
  const { trust } = config;
  const revocations = revocationsOf(config);
  const noted = entriesOf(trust, (one) => (one.kind === 'notation' ? one : undefined));
  const isNoted = Object.values(noted).some((entries) => entries.length > 0);
  return createCosignSignatures(
    entriesOf(trust, (one) => (one.kind === 'notation' ? undefined : one)),
    {
      ...revocations,
      vaultKeys: azureVaultKeys({ credential }),
      ...(isNoted ? { further: [notationLook(noted, { program: notation(), ...revocations })] } : {}),
    },
  );
}

function entriesOf<Entry>(
  trust: Config['trust'],
  which: (one: SignatureTrust) => Entry | undefined,
): Readonly<Record<string, readonly Entry[]>> {
  return Object.fromEntries(
    Object.entries(trust).map(([name, entries]) => [name, entries.flatMap((one) => which(one) ?? [])] as const),
  );
}

/** For whoever judges by keys: what of them counts no more. */
export function revocationsOf({ revokedFile }: Config): Pick<CosignOptions, 'revocations'> {
  return revokedFile === undefined ? {} : { revocations: async () => revocationsIn(revokedFile) };
}

/** Read anew each time: whoever revokes something does not wait for a restart. */
function revocationsIn(file: string): readonly Revocation[] {
  const read = readRevocations(file, readText);
  if (read.ok) return read.revocations;
  throw new PortError('revocations-unreadable', 'nobody can say what is revoked', {
    retry: 'yes',
    expected: 'the file of trust.revoked, readable and well formed',
    got: revocationProblems(read.problems),
    remedy: 'correct the file; it is read anew at each try',
  });
}
