/** How many signatures one core verifies: the whole way from a registry in memory to the verdict, against nothing but the cryptography of it. */
import { createPublicKey, verify } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { type CosignTrust, createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { preAuthEncoding } from '../../src/content/dsse.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../src/domain/proof.ts';
import { makeKey, signBundle, someImage } from '../../test/ports/signatures/signing.ts';
import { createTestRegistry, type Pushed } from '../../test/ports/signatures/test-registry.ts';
import { startSigstore } from '../../test/unit/signatures/sigstore.ts';
import type { Counts, Figure } from '../figures.ts';
import { median } from '../statistics.ts';

/** As many looks in turns, so that both meet the same minutes of the machine. */
const ROUNDS = 5;

interface Contest {
  readonly name: string;
  readonly floor: string;
  readonly whole: () => Promise<void>;
  readonly bare: () => void;
}

export async function measureVerifications(counts: Counts): Promise<readonly Figure[]> {
  const contests = [keyContest(), await keylessContest()];
  const figures: Figure[] = [];
  for (const contest of contests) figures.push(...(await measured(contest, counts.verifications)));
  return figures;
}

async function measured({ name, floor, whole, bare }: Contest, count: number): Promise<readonly Figure[]> {
  await whole();
  bare();
  const wholes: number[] = [];
  const bares: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    wholes.push(
      await timed(async () => {
        for (let one = 0; one < count; one += 1) await whole();
      }),
    );
    bares.push(
      await timed(async () => {
        for (let one = 0; one < count; one += 1) bare();
      }),
    );
  }
  const from = { rounds: ROUNDS, each: count, wholeMedianMs: median(wholes), bareMedianMs: median(bares) };
  const measurement = 'verifications';
  return [
    {
      measurement,
      figure: `${name}: verdicts a second on one core`,
      value: (count / median(wholes)) * 1000,
      unit: '/s',
      from,
    },
    { measurement, figure: `${name}: verdict ÷ ${floor}`, value: median(wholes) / median(bares), unit: '×', from },
  ];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const image = someImage();

function keyContest(): Contest {
  const key = makeKey();
  const pushed = signBundle(image.digest, key);
  const { dsseEnvelope } = envelopeIn(pushed);
  const [{ sig = '' } = {}] = dsseEnvelope.signatures;
  const signed = preAuthEncoding(dsseEnvelope.payloadType, Buffer.from(dsseEnvelope.payload, 'base64'));
  const publicKey = createPublicKey(key.pem);
  return {
    name: 'key',
    floor: 'node:crypto alone',
    whole: verdictsOf(pushed, { kind: 'key', file: 'cosign.pub', pem: key.pem }),
    bare: () => mustBe(verify('sha256', signed, publicKey, Buffer.from(sig, 'base64'))),
  };
}

async function keylessContest(): Promise<Contest> {
  const [issuer, subject] = ['https://issuer.test', 'https://subject.test'];
  const sigstore = await startSigstore();
  const pushed = await sigstore.signBundle(await sigstore.certify(issuer, subject), image.digest);
  const root = TrustedRoot.fromJSON(JSON.parse(sigstore.trustedRoot));
  const verifier = new Verifier(toTrustMaterial(root));
  const bundle = envelopeIn(pushed);
  return {
    name: 'keyless',
    floor: '@sigstore/verify alone',
    whole: verdictsOf(pushed, { kind: 'identity', issuer, subject, trustedRoot: sigstore.trustedRoot }),
    bare: () => void verifier.verify(toSignedEntity(bundleFromJSON(bundle))),
  };
}

function verdictsOf(pushed: Pushed, trust: CosignTrust): () => Promise<void> {
  const registry = createTestRegistry();
  registry.push(image);
  registry.push(pushed);
  const signatures = createCosignSignatures({ [COMMON_SIGNER]: [trust] });
  const reference = { repository: 'iam', digest: image.digest };
  return async () => {
    const { kind } = await signatures.verify(registry.reader, reference, COMMON_SIGNATURES);
    mustBe(kind === 'verified');
  };
}

interface StoredBundle {
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
}

/** The last of its blobs: the first is the empty configuration. */
function envelopeIn({ blobs }: Pushed): StoredBundle {
  return JSON.parse(Buffer.from(blobs.at(-1) ?? []).toString()) as StoredBundle;
}

/** A benchmark of refusals would be a quick one. */
function mustBe(good: boolean): void {
  if (!good) throw new Error('the signature did not verify');
}
