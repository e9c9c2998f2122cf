/** Looking at every signature artefact of an image, and asking the judges about each claim in it. */
import type { Image } from '../../../domain/image-reference.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import { commonFault } from '../../../domain/signature.ts';
import type { RefusedSignature, SignatureArtefact, SignedBy } from '../../../ports/signatures.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { type Hearing, hear, type Judges, type Moment } from './judge.ts';
import { readCandidate } from './read-candidate.ts';
import { legacyTag } from './wire.ts';

/** What was found of signatures in one making, before anybody has weighed it. */
export interface SignatureLook {
  readonly passed: readonly SignedBy[];
  readonly refused: readonly RefusedSignature[];
  /** What could not be found out; with a signer where it concerns only whether they have signed. */
  readonly unknown: readonly (Pick<SignedBy, 'artefact'> & { readonly signer?: string; readonly error: unknown })[];
  readonly looked: readonly string[];
}

/** Throws PortError when the registry would not say what there is. */
export async function lookForSignatures(
  judges: Judges,
  registry: RegistryReader,
  image: Image,
  moment: Moment,
): Promise<SignatureLook> {
  const candidates = await findCandidates(registry, image);
  const findings = await Promise.all(candidates.map((one) => examine(judges, registry, image, one, moment)));
  return {
    passed: findings.flatMap(passedIn),
    refused: findings.flatMap(refusedIn),
    unknown: findings.flatMap(unknownIn),
    looked: [`referrers of ${image.digest}`, `tag ${legacyTag(image.digest)}`],
  };
}

type Finding =
  | { readonly kind: 'signature'; readonly artefact: SignatureArtefact; readonly hearing: Hearing }
  | { readonly kind: 'unreadable'; readonly artefact: SignatureArtefact; readonly error: unknown }
  | { readonly kind: 'no-signature' };

/** One unreadable signature must not hide a good one beside it, so its error is kept until all have been looked at. */
async function examine(
  judges: Judges,
  registry: RegistryReader,
  image: Image,
  candidate: Candidate,
  moment: Moment,
): Promise<Finding> {
  const { artefact } = candidate;
  try {
    const readings = await readCandidate(registry, image, candidate);
    const about = [...moment.about, { kind: 'digest' as const, digest: artefact.digest }];
    const heard = await Promise.all(
      readings.map(async (reading): Promise<readonly Hearing[]> => {
        if (reading.kind === 'no-signature') return [];
        if (reading.kind === 'bad') return [{ ...reading, yes: [], unknown: [] }];
        return [await hear(judges, reading.claim, { ...moment, about })];
      }),
    );
    const hearings = heard.flat();
    return hearings.length === 0
      ? { kind: 'no-signature' }
      : { kind: 'signature', artefact, hearing: together(hearings) };
  } catch (error) {
    return { kind: 'unreadable', artefact, error };
  }
}

function together(hearings: readonly Hearing[]): Hearing {
  const because = commonFault(hearings.map((one) => one.because));
  return {
    yes: hearings.flatMap((one) => one.yes),
    why: hearings.map((one) => one.why).join('; '),
    unknown: hearings.flatMap((one) => one.unknown),
    ...(because === undefined ? {} : { because }),
  };
}

function passedIn(finding: Finding): readonly SignedBy[] {
  if (finding.kind !== 'signature') return [];
  return finding.hearing.yes.map((one) => ({ ...one, artefact: finding.artefact }));
}

function refusedIn(finding: Finding): readonly RefusedSignature[] {
  if (finding.kind !== 'signature') return [];
  const { artefact, hearing } = finding;
  if (hearing.yes.length > 0) return [];
  return [{ artefact, why: hearing.why, ...(hearing.because === undefined ? {} : { because: hearing.because }) }];
}

function unknownIn(finding: Finding): SignatureLook['unknown'] {
  if (finding.kind === 'unreadable') return [{ artefact: finding.artefact, error: finding.error }];
  if (finding.kind === 'no-signature') return [];
  return finding.hearing.unknown.map((one) => ({ ...one, artefact: finding.artefact }));
}
