/**
 * Signatures of the Notary Project, verified by its own program. It gets files that our reader has fetched and hashed, one signature at a
 * time, and neither network address nor credential of a registry; what it says is read as yes, no, or no answer.
 */
import type { Digest } from '../../../domain/digest.ts';
import type { Image } from '../../../domain/image-reference.ts';
import { type Revocation, revocationInWords, revocationOf } from '../../../domain/revocation.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryReader, StoredManifest } from '../../../ports/registry-reader.ts';
import type { RefusedSignature, SignatureFault, SignedBy } from '../../../ports/signatures.ts';
import { type Candidate, readCandidates, type Reading } from './candidates.ts';
import { type NotationTrust, withLayout } from './layout.ts';
import { type Answer, runNotation } from './run-notation.ts';
import { NOTATION_ARTIFACT } from './wire.ts';

/** What was found of signatures by Notation, before anybody has weighed it. */
export interface NotationFound {
  readonly passed: readonly SignedBy[];
  readonly refused: readonly RefusedSignature[];
  readonly unknown: readonly (Pick<SignedBy, 'artefact'> & { readonly signer?: string; readonly error: unknown })[];
  readonly looked: readonly string[];
}

/** An entry of a signer: policy and store, and the time in which it counts (ISO 8601). */
export interface NotationEntry extends NotationTrust {
  readonly from?: string;
  readonly until?: string;
}

export interface NotationOptions {
  /** Path of the program; undefined: there is none, and nothing can be found out. */
  readonly program: string | undefined;
  readonly now?: () => Date;
  readonly revocations?: () => Promise<readonly Revocation[]>;
}

export function notationLook(
  signers: Readonly<Record<string, readonly NotationEntry[]>>,
  { program, now = () => new Date(), revocations = async () => [] }: NotationOptions,
): (registry: RegistryReader, image: Image, wanted: readonly string[]) => Promise<NotationFound> {
  return async (registry, image, wanted) => {
    const known = wanted.filter((name) => (signers[name] ?? []).length > 0);
    if (known.length === 0) return NOTHING;
    const readings = await readCandidates(registry, image);
    const moment = { at: now(), revoked: await revocations() };
    const looks: NotationFound[] = [];
    for (const reading of readings) {
      const judged = known.map((name) => ({ name, entries: signers[name] ?? [] }));
      looks.push(await lookAt(reading, judged, registry, image, { ...moment, program }));
    }
    return joined(looks, image);
  };
}

const NOTHING: NotationFound = { passed: [], refused: [], unknown: [], looked: [] };

interface Means {
  readonly at: Date;
  readonly revoked: readonly Revocation[];
  readonly program: string | undefined;
}

interface Member {
  readonly name: string;
  readonly entries: readonly NotationEntry[];
}

async function lookAt(
  reading: Reading,
  members: readonly Member[],
  registry: RegistryReader,
  image: Image,
  means: Means,
): Promise<NotationFound> {
  if (reading.kind === 'no-signature') return NOTHING;
  const artefact = { digest: reading.digest, form: 'notation' } as const;
  if (reading.kind === 'bad') return { ...NOTHING, refused: [refusedFor(artefact, reading.why, reading.because)] };
  if (reading.kind === 'unreadable') return { ...NOTHING, unknown: [{ artefact, error: reading.error }] };
  const revoked = revocationOf(means.revoked, about(image.digest, reading.digest), means.at);
  const passed: { readonly signer: string; readonly by: string; readonly artefact: typeof artefact }[] = [];
  const unknown: { readonly signer: string; readonly error: unknown; readonly artefact: typeof artefact }[] = [];
  const whys = new Set<string>();
  let because: SignatureFault | undefined;
  for (const { name, entries } of members) {
    try {
      const found = await verified(reading.candidate, entries, registry, image, means);
      if (!found.passed) whys.add(found.why);
      else if (revoked !== undefined) {
        whys.add(`signed by ${name} with Notation, and that is ${revocationInWords(revoked)}`);
        because = 'revoked';
      } else if (!found.counts) {
        whys.add(`signed by ${name} with Notation, at a time in which that does not count`);
        because ??= 'not-valid';
      } else passed.push({ signer: name, by: `Notation policy of ${name}`, artefact });
    } catch (error) {
      unknown.push({ signer: name, error, artefact });
    }
  }
  const refused = passed.length > 0 || whys.size === 0 ? [] : [refusedFor(artefact, [...whys].join('; '), because)];
  return { passed, refused, unknown, looked: [] };
}

function refusedFor(
  artefact: RefusedSignature['artefact'],
  why: string,
  because: SignatureFault | undefined,
): RefusedSignature {
  return { artefact, why, ...(because === undefined ? {} : { because }) };
}

type Verified = { readonly passed: true; readonly counts: boolean } | Exclude<Answer, { readonly passed: true }>;

/** One entry that passes in its time suffices. */
async function verified(
  candidate: Candidate,
  entries: readonly NotationEntry[],
  registry: RegistryReader,
  image: Image,
  { at, program }: Means,
): Promise<Verified> {
  const manifest = await manifestOf(registry, image);
  const scope = `${registry.host}/${image.repository}`;
  let last: Verified = { passed: false, why: 'no policy of this signer' };
  for (const entry of entries) {
    const answer = await withLayout(manifest, candidate, entry, (layout) =>
      runNotation(program, layout, image.digest, scope),
    );
    if (answer.passed && countsAt(entry, at)) return { passed: true, counts: true };
    if (answer.passed || !last.passed) last = answer.passed ? { passed: true, counts: false } : answer;
  }
  return last;
}

function countsAt({ from, until }: NotationEntry, at: Date): boolean {
  const begins = from === undefined ? 0 : Date.parse(from);
  const ends = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  return begins <= at.getTime() && at.getTime() < ends;
}

async function manifestOf(registry: RegistryReader, image: Image): Promise<StoredManifest> {
  const manifest = await registry.manifest(image.repository, image.digest);
  if (manifest !== undefined) return manifest;
  throw new PortError('manifest-unknown', `${registry.host} has no image ${image.repository}@${image.digest}`, {
    retry: 'no',
    expected: 'the image whose signatures are to be verified',
    got: 'no such manifest',
  });
}

function about(...digests: readonly Digest[]): readonly { readonly kind: 'digest'; readonly digest: Digest }[] {
  return digests.map((digest) => ({ kind: 'digest', digest }));
}

function joined(looks: readonly NotationFound[], image: Image): NotationFound {
  return {
    passed: looks.flatMap((one) => one.passed),
    refused: looks.flatMap((one) => one.refused),
    unknown: looks.flatMap((one) => one.unknown),
    looked: [`referrers of ${image.digest} with ${NOTATION_ARTIFACT}`],
  };
}
