/** `sluice policy render`: what the cluster of an environment is told. Connects nobody. */
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { asYaml, clusterPolicy, groundOf } from '../cluster-policy/render.ts';
import { CannotSay } from '../cluster-policy/signatures.ts';
import type { Config, Signers, SignatureTrust } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import { readText } from '../config/load.ts';
import { fingerprintOf, readRevocations, revocationProblems } from '../config/revocations.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { COMMON_SIGNATURES } from '../domain/proof.ts';
import { type Revocation, revocationOf, type Revoked } from '../domain/revocation.ts';

export interface RenderedPolicy {
  readonly objects: readonly ManifestObject[];
  readonly yaml: string;
}

export interface PolicyAsked {
  readonly environment: string;
  readonly signatures: 'sigstore' | 'none';
  /** At which revocations are in force. */
  readonly at: Date;
}

/** Throws `environment-unknown`, `revocations-unreadable`, and `input-invalid` for signers of whom the controller knows nothing. */
export function policyOf(config: Config, { environment, signatures, at }: PolicyAsked): RenderedPolicy {
  const ground = groundOf(config.rulebook, environment);
  if (ground === undefined) throw unknown(config, environment);
  const wanted = config.rulebook.environments[environment]?.proofs?.signatures ?? COMMON_SIGNATURES;
  const asked = { signatures, wanted, signers: counting(config.trust, revocationsIn(config), at) };
  try {
    const objects = clusterPolicy(ground, asked);
    return { objects, yaml: asYaml(objects, ground, asked) };
  } catch (error) {
    if (!(error instanceof CannotSay)) throw error;
    throw new ReleaseEngineError('input-invalid', error.message, {
      remedy: 'render with "--signatures none", and tell your controller yourself whose signatures are wanted',
    });
  }
}

/** Without what is revoked. What has merely ended stays: what it signed in time may run, and pods are made anew. */
function counting(trust: Signers, revocations: readonly Revocation[], at: Date): Signers {
  const entries = Object.entries(trust).map(([name, signer]) => [
    name,
    signer.filter((one) => revocationOf(revocations, marksOf(one), at) === undefined),
  ]);
  return Object.fromEntries(entries) as Signers;
}

function revocationsIn({ revokedFile }: Config): readonly Revocation[] {
  if (revokedFile === undefined) return [];
  const read = readRevocations(revokedFile, readText);
  if (read.ok) return read.revocations;
  throw new ReleaseEngineError('revocations-unreadable', revocationProblems(read.problems), {
    remedy: 'correct the file of trust.revoked',
  });
}

/** By what an entry could be revoked, as far as the configuration says it. */
function marksOf(entry: SignatureTrust): readonly Revoked[] {
  if (entry.kind === 'key') return [{ kind: 'key', fingerprint: fingerprintOf(entry.pem) }];
  if (entry.kind === 'vault') return [{ kind: 'vault', url: entry.url }];
  if (entry.kind === 'notation' || !('subject' in entry)) return [];
  return [{ kind: 'identity', issuer: entry.issuer, subject: entry.subject }];
}

function unknown({ rulebook, file }: Config, environment: string): ReleaseEngineError {
  const known = Object.keys(rulebook.environments);
  const message = `there is no environment "${environment}" in ${file}${didYouMean(environment, known)}`;
  return new ReleaseEngineError('environment-unknown', message, { expected: known.join(', '), got: environment });
}
