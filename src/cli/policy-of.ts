/** `sluice policy render`: what the cluster of an environment is told. Connects nobody. */
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { asYaml, clusterPolicy, groundOf } from '../cluster-policy/render.ts';
import { CannotSay } from '../cluster-policy/signatures.ts';
import type { Config } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import type { ManifestObject } from '../domain/manifest-object.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../domain/proof.ts';

export interface RenderedPolicy {
  readonly objects: readonly ManifestObject[];
  readonly yaml: string;
}

/** Throws `environment-unknown`, and `input-invalid` for signers of whom the controller knows nothing. */
export function policyOf(config: Config, environment: string, signatures: 'sigstore' | 'none'): RenderedPolicy {
  const ground = groundOf(config.rulebook, environment);
  if (ground === undefined) throw unknown(config, environment);
  const wanted = config.rulebook.environments[environment]?.proofs?.signatures ?? COMMON_SIGNATURES;
  try {
    const asked = { signatures, wanted, signers: { [COMMON_SIGNER]: config.trust } };
    const objects = clusterPolicy(ground, asked);
    return { objects, yaml: asYaml(objects, ground, asked) };
  } catch (error) {
    if (!(error instanceof CannotSay)) throw error;
    throw new ReleaseEngineError('input-invalid', error.message, {
      remedy: 'render with "--signatures none", and tell your controller yourself whose signatures are wanted',
    });
  }
}

function unknown({ rulebook, file }: Config, environment: string): ReleaseEngineError {
  const known = Object.keys(rulebook.environments);
  const message = `there is no environment "${environment}" in ${file}${didYouMean(environment, known)}`;
  return new ReleaseEngineError('environment-unknown', message, { expected: known.join(', '), got: environment });
}
