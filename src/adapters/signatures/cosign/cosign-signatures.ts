/**
 * Cosign signatures in both forms, judged against pinned keys and identities. Fails closed: what is not understood is untrusted,
 * what could not be read is an error, and only a claim that names this digest and was made by somebody pinned is a yes.
 */
import type { Image } from '../../../domain/image-reference.ts';
import type { SignatureRule } from '../../../domain/proof.ts';
import { weigh } from '../../../domain/quorum.ts';
import type { Revocation } from '../../../domain/revocation.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { RegistryReader } from '../../../ports/registry-reader.ts';
import type { RefusedSignature, SignatureVerdict, Signatures } from '../../../ports/signatures.ts';
import { findAttestations } from './attestations.ts';
import type { Judge, Judges, Moment } from './judge.ts';
import { lookForSignatures, type SignatureLook } from './look.ts';
import { type Identity, pinnedIdentity } from './pinned-identity.ts';
import { type KeyTrust, pinnedKey } from './pinned-key.ts';
import { type VaultKeys, vaultKey } from './vault-key.ts';
import { findUnheard } from './unheard.ts';

/** As an entry of a signer in sluice.yaml, read: a PEM public key with the name of its file, a key in a vault, or issuer and subject with a root. */
export type CosignTrust =
  | ({ readonly kind: 'key'; readonly file: string; readonly pem: string } & KeyTrust)
  | ({ readonly kind: 'vault'; readonly url: string } & KeyTrust)
  | ({ readonly kind: 'identity' } & Identity);

/** Keys and identities by the name of the signer to whom they belong. */
export type CosignSigners = Readonly<Record<string, readonly CosignTrust[]>>;

export interface CosignOptions {
  /** The clock by which a time of validity is judged where nobody confirms when something was signed. */
  readonly now?: () => Date;
  /** Asked anew at each verification; throws PortError when it cannot be said. Undefined: nothing is ever revoked. */
  readonly revocations?: () => Promise<readonly Revocation[]>;
  /** Needed where a signer has a key in a vault. */
  readonly vaultKeys?: VaultKeys;
  /** Signatures of other makings that count beside these, by whoever of these signers is known there. */
  readonly further?: readonly FurtherLook[];
}

/** Throws PortError when the registry would not say what there is. */
export type FurtherLook = (
  registry: RegistryReader,
  image: Image,
  signers: readonly string[],
) => Promise<SignatureLook>;

/** Throws PortError `config-invalid` when a key or a root is unusable. No trust at all means that nothing passes. */
export function createCosignSignatures(signers: CosignSigners, options: CosignOptions = {}): Signatures {
  const { now = () => new Date(), revocations = async () => [], further = [] } = options;
  const judges: Judges = Object.fromEntries(
    Object.entries(signers).map(([name, members]) => [name, members.map((one) => judgeOf(one, options))] as const),
  );
  const momentFor = async ({ digest }: Image): Promise<Moment> => ({
    revocations: await revocations(),
    at: now(),
    about: [{ kind: 'digest', digest }],
  });
  return {
    lapses: options.revocations !== undefined || Object.values(signers).flat().some(canEnd) || further.length > 0,
    async verify(registry, image, wanted) {
      const moment = await momentFor(image);
      const looks = await Promise.all([
        lookForSignatures(only(judges, wanted), registry, image, moment),
        ...further.map((look) => look(registry, image, wanted.of)),
      ]);
      return verdictOf(wanted, joined(looks), registry, image);
    },
    attestations: async (registry, image, predicateTypes) =>
      findAttestations(judges, registry, image, predicateTypes, await momentFor(image)),
    unheard: async (registry, image, predicateTypes) =>
      findUnheard(judges, registry, image, predicateTypes, await momentFor(image)),
  };
}

function judgeOf(one: CosignTrust, { vaultKeys }: CosignOptions): Judge {
  switch (one.kind) {
    case 'key':
      return pinnedKey(one.file, one.pem, one);
    case 'vault':
      return vaultKey(one.url, one, vaultKeys);
    case 'identity':
      return pinnedIdentity(one);
  }
}

/** A key in a vault can be disabled at any time. */
function canEnd({ kind, from, until }: CosignTrust): boolean {
  return kind === 'vault' || from !== undefined || until !== undefined;
}

/** Whoever is wanted and not known has nobody who could sign for them. */
function only(judges: Judges, { of }: SignatureRule): Judges {
  return Object.fromEntries(of.map((name) => [name, Object.hasOwn(judges, name) ? (judges[name] ?? []) : []]));
}

function joined(looks: readonly SignatureLook[]): SignatureLook {
  return {
    passed: looks.flatMap((one) => one.passed),
    refused: looks.flatMap((one) => one.refused),
    unknown: looks.flatMap((one) => one.unknown),
    looked: [...new Set(looks.flatMap((one) => one.looked))],
  };
}

/** What could not be found out must not hide a yes beside it, and must not pass for a no. */
async function verdictOf(
  wanted: SignatureRule,
  { passed, refused, unknown, looked }: SignatureLook,
  registry: RegistryReader,
  image: Image,
): Promise<SignatureVerdict> {
  const { signed, missing } = weigh(wanted, passed);
  if (missing.length === 0) {
    const artefacts = [...passed, ...refused, ...unknown].map((one) => one.artefact);
    const found = [...new Map(artefacts.map((one) => [one.digest, one])).values()];
    return { kind: 'verified', signed, found };
  }
  const decisive = unknown.find(({ signer }) => signer === undefined || missing.includes(signer));
  if (decisive !== undefined) throw decisive.error;
  const found = [...insufficientOf(passed), ...refused];
  if (found.length > 0) return { kind: 'untrusted', found, signed, missing };
  await mustExist(registry, image);
  return { kind: 'unsigned', looked };
}

function insufficientOf(passed: SignatureLook['passed']): readonly RefusedSignature[] {
  return [...Map.groupBy(passed, ({ artefact }) => artefact.digest).values()].flatMap((same) => {
    const [first] = same;
    const names = [...new Set(same.map(({ by }) => by))].join(' and ');
    return first === undefined ? [] : [{ artefact: first.artefact, why: `only by ${names}` }];
  });
}

/** "Unsigned" is only said about an image that is there. */
async function mustExist(registry: RegistryReader, image: Image): Promise<void> {
  if ((await registry.manifest(image.repository, image.digest)) !== undefined) return;
  throw new PortError('manifest-unknown', `${registry.host} has no image ${image.repository}@${image.digest}`, {
    retry: 'no',
    expected: 'the image whose signatures are to be verified',
    got: 'no such manifest',
  });
}
