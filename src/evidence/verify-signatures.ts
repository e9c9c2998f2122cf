/** Who has signed the image as it lay in each registry, and what trusted signers have said of it. */
import { shortDigest } from '../domain/digest.ts';
import type { SignatureRule } from '../domain/proof.ts';
import type { Signatures, SignatureVerdict } from '../ports/signatures.ts';
import type { KeptRelease } from './derived.ts';
import { type Finding, missing, proven, unproven, wrong } from './findings.ts';
import type { KeptRegistry } from './kept-registry.ts';
import { registryPath } from './layout.ts';
import { momentOf } from './promotion-run.ts';
import { PROMOTION_PREDICATE } from './record-predicate.ts';
import { SIGN_PREDICATE, statementsIn } from './statements-in.ts';
import type { EvidenceTrust } from './trust.ts';

type Registries = ReadonlyMap<string, KeptRegistry>;

export async function verifySignatures(
  { promotions }: KeptRelease,
  registries: Registries,
  trust: EvidenceTrust,
): Promise<readonly Finding[]> {
  const released = promotions.filter(({ run }) => run.outcome?.kind === 'released').map((one) => one.environment);
  const environments = [...new Set([...released, ...registries.keys()])];
  const found = await Promise.all(
    environments.map(async (environment) => {
      const registry = registryFor(environment, registries);
      const own = promotions.find((one) => one.environment === environment)?.run;
      const signatures = trust.signaturesAt(own === undefined ? new Date(0) : momentOf(own));
      if (registry === undefined)
        return [missing('signature', `the image in ${environment} is signed`, 'nothing of it is here')];
      return [
        await signatureFinding(environment, registry, {
          signatures,
          wanted: trust.signedBy(environment),
          isDemanded: released.includes(environment),
        }),
        ...(registries.has(environment) ? await attestationFindings(environment, registry, signatures) : []),
      ];
    }),
  );
  return found.flat();
}

/** Where what was said of the image in an environment is looked at: there, or where it has travelled on to. */
export function registryFor(environment: string, registries: Registries): KeptRegistry | undefined {
  return registries.get(environment) ?? [...registries.values()].at(-1);
}

async function signatureFinding(
  environment: string,
  registry: KeptRegistry,
  {
    signatures,
    wanted,
    isDemanded,
  }: { readonly signatures: Signatures; readonly wanted: SignatureRule; readonly isDemanded: boolean },
): Promise<Finding> {
  const { reader, image, content } = registry;
  const about = `${content.host}/${image.repository}@${shortDigest(image.digest)} is signed, as ${environment} wants`;
  const details = { where: registryPath(content.environment), environment };
  try {
    const verdict = await signatures.verify(reader, image, wanted);
    // what was not let in need not be signed, and may have been kept out for that very reason
    if (verdict.kind !== 'verified')
      return (isDemanded ? missing : unproven)('signature', about, whyNot(verdict), details);
    return proven('signature', about, {
      ...details,
      by: listed(verdict.signed.map(({ signer, by }) => `${signer} (${by})`)),
    });
  } catch (error) {
    return wrong('signature', about, messageOf(error), details);
  }
}

function whyNot(verdict: Exclude<SignatureVerdict, { kind: 'verified' }>): string {
  if (verdict.kind === 'unsigned') return 'there is no signature';
  const whys = listed(verdict.found.map(({ why }) => why));
  return `not by ${verdict.missing.join(', ')}: ${whys}`;
}

/** Every statement once: by whom it is, or that nobody trusted has said it. Records are another matter, and looked at by themselves. */
async function attestationFindings(
  environment: string,
  registry: KeptRegistry,
  signatures: Signatures,
): Promise<readonly Finding[]> {
  const { reader, image, content } = registry;
  const others: readonly string[] = [SIGN_PREDICATE, PROMOTION_PREDICATE];
  const kept = (await statementsIn(registry)).filter(({ predicateType }) => !others.includes(predicateType));
  if (kept.length === 0) return [];
  const details = { where: registryPath(environment), environment };
  try {
    const types = [...new Set(kept.map((one) => one.predicateType))];
    const trusted = await signatures.attestations(reader, image, types);
    return kept.map(({ artefact, predicateType }) => {
      const about = `${predicateType} (${shortDigest(artefact)}) in ${content.host}`;
      const said = trusted.find((one) => one.artefact.digest === artefact && one.predicateType === predicateType);
      if (said === undefined) return unproven('attestation', about, 'no trusted signer has said it', details);
      return proven('attestation', about, { ...details, by: `${said.signers.join(', ')} (${said.by})` });
    });
  } catch (error) {
    return [wrong('attestation', `what is said of the image in ${content.host}`, messageOf(error), details)];
  }
}

function listed(words: readonly string[]): string {
  return [...new Set(words)].join(' and ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
