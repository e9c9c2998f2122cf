/** Evidence looked at by somebody who has nothing else: the file, and a list of those whose word counts. */
import type { Digest } from '../domain/digest.ts';
import { openArchive } from './archive.ts';
import { type KeptRelease, releaseIn } from './derived.ts';
import { EvidenceError, unreadable } from './evidence-error.ts';
import { checkIndex, type EvidenceIndex } from './evidence-index.ts';
import { type Finding, isYes, proven, unproven, wrong } from './findings.ts';
import { type KeptRegistry, keptRegistries } from './kept-registry.ts';
import { INDEX, type Part } from './layout.ts';
import type { EvidenceTrust } from './trust.ts';
import { verifyApprovals } from './verify-approvals.ts';
import { verifyContent } from './verify-content.ts';
import { verifyDemands } from './verify-demands.ts';
import { verifyPolicy } from './verify-policy.ts';
import { verifyProofs } from './verify-proofs.ts';
import { verifyRecords } from './verify-records.ts';
import { verifyRelease } from './verify-release.ts';
import { verifySignatures } from './verify-signatures.ts';
import { wholeBlobs } from './whole-blobs.ts';

export interface EvidenceVerdict {
  readonly answer: 'yes' | 'no';
  readonly service: string;
  readonly version: string;
  /** Digest of the index. */
  readonly name: Digest;
  readonly parts: number;
  readonly findings: readonly Finding[];
}

/** `expected`: the name that the evidence was given elsewhere. Throws `evidence-unreadable` for what is no evidence. */
export async function verifyEvidence(
  bytes: Uint8Array,
  trust: EvidenceTrust,
  expected?: Digest,
): Promise<EvidenceVerdict> {
  const parts = await openArchive(bytes);
  const { index, name, differences } = checkIndex(parts);
  const said = { service: index.service, version: index.version, name, parts: parts.length };
  const about = 'every part is what the index says';
  const altered = [
    ...differences.map(({ path, why }) => wrong('index', about, why, { where: path })),
    ...(expected === undefined || expected === name
      ? []
      : [
          wrong('index', 'this is the evidence that was named', `it is ${name}, expected ${expected}`, {
            where: INDEX,
          }),
        ]),
  ];
  // what was altered says nothing more: neither for nor against the release
  if (altered.length > 0) return { answer: 'no', ...said, findings: altered };
  const indexed = proven('index', `${about}: ${parts.length} parts, named ${name}`, { where: INDEX });
  const findings = [indexed, ...(await lookAt(parts, index, trust))];
  return { answer: isYes(findings) ? 'yes' : 'no', ...said, findings };
}

/** As the release has entered them: what is said of an image travels on, so the last one has most of it. */
function inOrder(
  registries: ReadonlyMap<string, KeptRegistry>,
  { promotions }: KeptRelease,
): ReadonlyMap<string, KeptRegistry> {
  const entered = promotions.map((one) => one.environment);
  return new Map([...registries].toSorted(([a], [b]) => entered.indexOf(a) - entered.indexOf(b)));
}

/** Where the trust file is silent only what is said of everybody is demanded: whoever has forgotten an environment should hear of it. */
function unnamed({ promotions }: KeptRelease, trust: EvidenceTrust): readonly Finding[] {
  const entered = new Set(promotions.map((one) => one.environment));
  const forgotten = [...entered].filter((environment) => !trust.isNamed(environment));
  return forgotten.map((environment) =>
    unproven('release', `what ${environment} demands`, 'the trust file says nothing of it', { environment }),
  );
}

/** Whoever writes an archive of their own can write any JSON into it: what has not the shape that an export gives it is no evidence. */
async function lookAt(parts: readonly Part[], index: EvidenceIndex, trust: EvidenceTrust): Promise<readonly Finding[]> {
  try {
    const release = releaseIn(parts);
    const whole = wholeBlobs(parts);
    const registries = inOrder(keptRegistries(parts, whole), release);
    return [
      ...verifyRelease(parts, index, release),
      ...verifyPolicy(parts, release),
      ...verifyContent({ parts, index, release, registries, whole }),
      ...verifyDemands(release, trust),
      ...(await verifySignatures(release, registries, trust)),
      ...(await verifyProofs(release, registries, trust)),
      ...(await verifyApprovals(release, trust)),
      ...(await verifyRecords(release, registries, trust)),
      ...unnamed(release, trust),
    ];
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    throw unreadable('something in it has not the shape that an export gives it', String(error));
  }
}
