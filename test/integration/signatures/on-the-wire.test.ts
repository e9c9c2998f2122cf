/** Bad signatures over HTTPS from the emulated registry, and what becomes of each: the samples are the real cosign's where it can make them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { EXAMPLE_KEYS, type ExampleName, readExample } from '../../../examples/images.ts';
import { type CosignTrust, createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { type Digest, hexOf } from '../../../src/domain/digest.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { signatureRefusal } from '../../../src/policy/signature-policy.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { proveImage } from '../../../src/proofs/prove-image.ts';
import type { RegistryReader } from '../../../src/ports/registry-reader.ts';
import {
  BUNDLE_TYPE,
  bundleOf,
  bundleReferrer,
  IMAGE_TYPE,
  json,
  makeKey,
  signBundle,
  type TestKey,
} from '../../ports/signatures/signing.ts';
import type { Pushed } from '../../ports/signatures/test-registry.ts';
import { github, V1 } from '../../unit/policy/proofs/provenances.ts';
import { type Sigstore, startSigstore } from '../../unit/signatures/sigstore.ts';
import { type Emulated, startEmulated } from '../registry/emulated.ts';
import { sampleImage, type SampleImage } from '../../ports/registry/subject.ts';

let emulated: Emulated;
let reader: RegistryReader;
let sigstore: Sigstore;
before(async () => {
  emulated = await startEmulated();
  sigstore = await startSigstore();
  const quick = { attempts: 1, pauseMs: 1, longestPauseMs: 1 };
  ({ reader } = emulated.acr('dev', 'worker-dev', {
    requestTimeoutMs: 2_000,
    transferTimeoutMs: 2_000,
    retries: quick,
  }));
});
after(() => emulated.close());

const cosign = { kind: 'key', file: 'cosign.pub', pem: readFileSync(EXAMPLE_KEYS.trusted, 'utf8') } as const;
const own = makeKey();
const ownKey = { kind: 'key', file: 'own.pub', pem: own.pem } as const;

/** An image of its own for each test, in its own repository where it is named. */
let count = 0;
async function anImage(repository = 'iam'): Promise<SampleImage> {
  count += 1;
  const image = sampleImage(`signatures ${count}`);
  await emulated.push(repository, image, `1.0.${count}`);
  return image;
}

async function push({ manifest, tag, blobs }: Pushed, repository = 'iam'): Promise<Digest> {
  const digest = digestOf(manifest);
  const content = blobs.map((bytes) => ({ digest: digestOf(bytes), bytes }));
  await emulated.push(
    repository,
    { mediaType: IMAGE_TYPE, manifest, manifestDigest: digest, blobs: content, children: [] },
    tag,
  );
  return digest;
}

interface Sample {
  readonly repository?: string;
  /** Whose signatures they are said to be. */
  readonly of?: Digest;
  /** What becomes of the manifests that hold them. */
  readonly changed?: (manifest: string) => string;
}

/** What the real cosign left of an example. */
async function pushSample(name: ExampleName, { repository, of, changed = (one) => one }: Sample = {}): Promise<Digest> {
  const { image, signatures, blobs } = readExample(name);
  const all = blobs.map(({ bytes }) => bytes);
  await push({ manifest: image.bytes, blobs: all }, repository);
  for (const { bytes, tag } of signatures) {
    const about = of ?? image.digest;
    const text = Buffer.from(bytes).toString().replaceAll(`"${image.digest}"`, `"${about}"`);
    const manifest = Buffer.from(changed(text));
    await push(
      { manifest, blobs: all, ...(tag === undefined ? {} : { tag: `sha256-${hexOf(about)}.sig` }) },
      repository,
    );
  }
  return image.digest;
}

/** Put beside another image: what was signed stays what it was. */
function moved({ manifest, tag, ...rest }: Pushed, from: Digest, to: Digest): Pushed {
  const text = Buffer.from(manifest).toString().replaceAll(from, to);
  return {
    ...rest,
    manifest: Buffer.from(text),
    ...(tag === undefined ? {} : { tag: tag.replace(hexOf(from), hexOf(to)) }),
  };
}

/** The refusal's code and reasons, or `verified`. */
async function judged(digest: Digest, trust: CosignTrust = ownKey, repository = 'iam'): Promise<string> {
  const signatures = createCosignSignatures({ [COMMON_SIGNER]: [trust] });
  const verdict = await signatures.verify(reader, { repository, digest }, COMMON_SIGNATURES);
  const refusal = signatureRefusal(verdict, `${repository}@${digest}`, reader.host, COMMON_SIGNATURES);
  return refusal === undefined ? 'verified' : `${refusal.code}: ${refusal.got}`;
}

function failsWith(...codes: readonly string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PortError && codes.includes(error.code), String(error));
    return true;
  };
}

describe('when the real cosign has signed', () => {
  test('its signature verifies over the wire', async () => {
    assert.equal(await judged(await pushSample('v1'), cosign), 'verified');
  });

  test('an unsigned image is missing its signature', async () => {
    assert.match(await judged(await pushSample('unsigned'), cosign), /^signature-missing: none at: referrers of /);
  });

  test('a wrong key is untrusted', async () => {
    assert.match(
      await judged(await pushSample('foreign'), cosign),
      /^signature-untrusted: .*not signed by key cosign\.pub/,
    );
  });

  test('the right key for another digest is said to be just that: signatures in both forms moved beside another image', async () => {
    const other = await pushSample('unsigned');
    await pushSample('v1', { of: other });
    const said = await judged(other, cosign);
    assert.match(said, /^signature-other-image: /);
    for (const form of ['legacy', 'bundle']) assert.match(said, new RegExp(`${form} sha256:\\S+ signed another image`));
  });

  test('its signature in another repository is none of the image in this one', async () => {
    const digest = await pushSample('v2', { repository: 'billing' });
    const { image, blobs } = readExample('v2');
    await push({ manifest: image.bytes, blobs: blobs.map(({ bytes }) => bytes) }, 'identity');
    assert.equal(await judged(digest, cosign, 'billing'), 'verified');
    assert.match(await judged(digest, cosign, 'identity'), /^signature-missing/);
  });

  test('its signature that is said to have 1 GB is too large, and never fetched', async () => {
    const changed = (text: string): string => {
      const manifest = JSON.parse(text) as { readonly layers: readonly object[] };
      return JSON.stringify({ ...manifest, layers: manifest.layers.map((one) => ({ ...one, size: 1_000_000_000 })) });
    };
    const digest = await pushSample('v1', { repository: 'large', changed });
    // whoever reads one gets no answer, and would say so
    emulated.emulator.faults.set({
      ...{ fault: 'reset', when: 'body' },
      match: { registry: 'onestreamdev', path: '/large/blobs/' },
    });
    try {
      assert.match(await judged(digest, cosign, 'large'), /^signature-too-large: /);
    } finally {
      emulated.emulator.faults.clear();
    }
  });
});

describe('when a signature is somewhere else', () => {
  test('the signature in another repository is none of this one', async () => {
    const image = await anImage();
    await emulated.push('billing', image, 'same');
    await push(signBundle(image.manifestDigest, own), 'billing');
    assert.equal(await judged(image.manifestDigest, ownKey, 'billing'), 'verified');
    assert.match(await judged(image.manifestDigest), /^signature-missing/);
  });

  test('the bundle of another image beside this one signs another image', async () => {
    const [image, other] = [await anImage(), await anImage()];
    const bundle = json(bundleOf(other.manifestDigest, own.privateKey));
    await push(bundleReferrer(image.manifestDigest, bundle));
    assert.match(await judged(image.manifestDigest), /^signature-other-image: bundle .*signed another image/);
  });
});

describe('when a certificate or a log entry does not fit', () => {
  const ISSUER = 'https://issuer.test';
  const SUBJECT = 'https://subject.test';
  const identity = (more: object): CosignTrust => ({
    ...{ kind: 'identity', issuer: ISSUER, subject: SUBJECT },
    ...{ trustedRoot: sigstore.rootWithTimestamps },
    ...more,
  });

  test('a signature by the right identity verifies over the wire', async () => {
    const { manifestDigest } = await anImage();
    await push(await sigstore.signBundle(await sigstore.certify(ISSUER, SUBJECT), manifestDigest));
    assert.equal(await judged(manifestDigest, identity({})), 'verified');
  });

  test('an identity whose subject goes on is untrusted', async () => {
    const { manifestDigest } = await anImage();
    await push(await sigstore.signBundle(await sigstore.certify(ISSUER, `${SUBJECT}-evil`), manifestDigest));
    assert.match(
      await judged(manifestDigest, identity({})),
      /^signature-untrusted: .*signed by https:\/\/subject\.test-evil/,
    );
  });

  for (const form of ['signBundle', 'signLegacy'] as const)
    test(`the right identity for another digest is said to be just that (${form})`, async () => {
      const [image, other] = [await anImage(), await anImage()];
      const signed = await sigstore[form](await sigstore.certify(ISSUER, SUBJECT), other.manifestDigest);
      await push(moved(signed, other.manifestDigest, image.manifestDigest));
      assert.match(await judged(image.manifestDigest, identity({})), /^signature-other-image: .*signed another image/);
    });

  test('the signature of an identity in another repository is none of this one', async () => {
    const image = await anImage();
    await emulated.push('billing', image, 'by-identity');
    await push(await sigstore.signBundle(await sigstore.certify(ISSUER, SUBJECT), image.manifestDigest), 'billing');
    assert.equal(await judged(image.manifestDigest, identity({}), 'billing'), 'verified');
    assert.match(await judged(image.manifestDigest, identity({})), /^signature-missing/);
  });

  describe('on a statement', () => {
    const attested = { predicateType: V1, predicate: github() };
    async function stated(digest: Digest, ...pushed: readonly Pushed[]): Promise<string | undefined> {
      const by = await sigstore.certify(ISSUER, SUBJECT);
      for (const one of [await sigstore.signBundle(by, digest), ...pushed]) await push(one);
      const rules = { provenance: { by: [COMMON_SIGNER], sources: ['https://github.com/org/repo'] } };
      const { verdicts } = await proveImage(createCosignSignatures({ [COMMON_SIGNER]: [identity({})] }), {
        ...{ registry: reader, image: { repository: 'iam', digest }, rules, at: new Date() },
      });
      const one = verdicts.find(({ rule }) => rule === 'provenance');
      return one?.refusal?.code ?? one?.answer;
    }
    const attest = async (digest: Digest, what: typeof attested): Promise<Pushed> =>
      sigstore.signBundle(await sigstore.certify(ISSUER, SUBJECT), digest, { attested: what });

    test('by the right identity about this image it counts', async () => {
      const { manifestDigest } = await anImage();
      assert.equal(await stated(manifestDigest, await attest(manifestDigest, attested)), 'yes');
    });

    test('whose subjects leave the image out it is about another image', async () => {
      const [image, other] = [await anImage(), await anImage()];
      const elsewhere = await attest(other.manifestDigest, attested);
      const here = moved(elsewhere, other.manifestDigest, image.manifestDigest);
      assert.equal(await stated(image.manifestDigest, here), 'statement-other-image');
    });

    test('of another predicate type it is of another type', async () => {
      const { manifestDigest } = await anImage();
      const custom = { ...attested, predicateType: 'https://example.test/custom/v1' };
      assert.equal(await stated(manifestDigest, await attest(manifestDigest, custom)), 'statement-other-type');
    });
  });

  test('an expired certificate is said to be just that', async () => {
    const { manifestDigest } = await anImage();
    const late = { withoutEntry: true, stampedAt: new Date(Date.now() + 86_400_000) };
    await push(await sigstore.signBundle(await sigstore.certify(ISSUER, SUBJECT), manifestDigest, late));
    assert.match(
      await judged(manifestDigest, identity({ transparencyLog: 'off' })),
      /^certificate-expired: .*certificate/i,
    );
  });

  test('the log entry of another artefact is said to be just that', async () => {
    const { manifestDigest } = await anImage();
    const by = await sigstore.certify(ISSUER, SUBJECT);
    const entries: Parameters<NonNullable<NonNullable<Parameters<Sigstore['signBundle']>[2]>['alter']>>[0][] = [];
    const keep = (entry: (typeof entries)[number]): (typeof entries)[number] => (entries.push(entry), entry);
    await sigstore.signBundle(by, (await anImage()).manifestDigest, { alter: keep });
    const [entry] = entries;
    assert.ok(entry !== undefined);
    await push(await sigstore.signBundle(by, manifestDigest, { entry }));
    assert.match(await judged(manifestDigest, identity({})), /^log-entry-foreign: .*not provably by/);
  });
});

describe('when a signature is too large, cut off, or not what its digest says', () => {
  /** With the size that its manifest states instead of its own. */
  const claiming = (image: SampleImage, bundle: Buffer, size: number): Pushed =>
    bundleReferrer(image.manifestDigest, bundle, {
      layers: [{ mediaType: BUNDLE_TYPE, digest: digestOf(bundle), size }],
    });
  const signedBy = (key: TestKey, image: SampleImage): Buffer => json(bundleOf(image.manifestDigest, key.privateKey));

  test('a signature of 1 GB, as its manifest says, is too large and never fetched', async () => {
    const image = await anImage();
    await push(claiming(image, signedBy(own, image), 1_000_000_000));
    assert.match(await judged(image.manifestDigest), /^signature-too-large: .*larger than/);
  });

  test('one that says it is small and goes on is "could not find out", after no more than was allowed', async () => {
    const image = await anImage();
    await push(claiming(image, Buffer.alloc(400_000, 'x'), 1_000));
    await assert.rejects(judged(image.manifestDigest), failsWith('registry-protocol'));
  });

  for (const [name, fault, codes] of [
    ['cut off', { fault: 'reset', when: 'body' }, ['registry-unreachable']],
    ['other bytes', { fault: 'swap', what: 'body' }, ['digest-mismatch', 'registry-protocol']],
  ] as const)
    test(`${name} on the way it is "could not find out", never unsigned`, async () => {
      const image = await anImage();
      const bundle = signedBy(own, image);
      await push(bundleReferrer(image.manifestDigest, bundle));
      emulated.emulator.faults.set({
        ...fault,
        match: { registry: 'onestreamdev', path: `/blobs/${digestOf(bundle)}` },
      });
      try {
        await assert.rejects(judged(image.manifestDigest), failsWith(...codes));
      } finally {
        emulated.emulator.faults.clear();
      }
      assert.equal(await judged(image.manifestDigest), 'verified');
    });

  test('a good signature beside one that cannot be read still suffices', async () => {
    const image = await anImage();
    await push(claiming(image, Buffer.alloc(400_000, 'y'), 1_000));
    await push(signBundle(image.manifestDigest, own));
    assert.equal(await judged(image.manifestDigest), 'verified');
  });
});
