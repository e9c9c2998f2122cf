import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EXAMPLE_KEYS, type Example, type ExampleName, readExample } from '../../../examples/images.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { SignatureVerdict } from '../../../src/ports/signatures.ts';
import { type TestRegistry, createTestRegistry } from '../../ports/signatures/test-registry.ts';

const trust = (name: keyof typeof EXAMPLE_KEYS) => ({
  kind: 'key' as const,
  file: `${name}.pub`,
  pem: readFileSync(EXAMPLE_KEYS[name], 'utf8'),
});
const signatures = createCosignSignatures({ [COMMON_SIGNER]: [trust('trusted')] });

/** A registry that holds the example, without the signatures of the other form if only one is wanted. */
function holding(example: Example, form?: 'bundle' | 'legacy'): TestRegistry {
  const registry = createTestRegistry();
  const blobs = example.blobs.map(({ bytes }) => bytes);
  const kept = example.signatures.filter(
    ({ tag }) => form === undefined || (form === 'legacy') === (tag !== undefined),
  );
  for (const { bytes, tag } of [example.image, ...kept]) {
    registry.push({ manifest: bytes, blobs, ...(tag === undefined ? {} : { tag }) });
  }
  return registry;
}

function look(example: Example, registry: TestRegistry): Promise<SignatureVerdict> {
  return signatures.verify(registry.reader, { repository: 'iam', digest: example.image.digest }, COMMON_SIGNATURES);
}

describe('when the signatures are those that the real cosign made', () => {
  for (const name of ['v1', 'v2'] as const) {
    for (const form of ['bundle', 'legacy'] as const) {
      test(`${name} verifies by its ${form} signature alone`, async () => {
        const example = readExample(name);
        const verdict = await look(example, holding(example, form));
        assert.ok(verdict.kind === 'verified');
        assert.match(verdict.signed[0]?.by ?? '', /^key trusted\.pub sha256:[0-9a-f]{12}$/);
        assert.equal(verdict.signed[0]?.artefact.form, form);
      });
    }

    test(`${name} lists both artefacts, so that both can be copied`, async () => {
      const example = readExample(name);
      const verdict = await look(example, holding(example));
      assert.ok(verdict.kind === 'verified');
      assert.deepEqual(
        verdict.found.map(({ digest, tag }) => [digest, tag]).sort(),
        example.signatures.map(({ digest, tag }) => [digest, tag]).sort(),
      );
    });
  }

  test('the unsigned image is unsigned', async () => {
    const example = readExample('unsigned');
    assert.equal((await look(example, holding(example))).kind, 'unsigned');
  });

  test('the image signed by another key is untrusted in both forms, until that key is trusted', async () => {
    const example = readExample('foreign');
    const registry = holding(example);
    const verdict = await look(example, registry);
    assert.ok(verdict.kind === 'untrusted');
    assert.deepEqual(verdict.found.map(({ artefact }) => artefact.form).sort(), ['bundle', 'legacy']);
    const both = createCosignSignatures({ [COMMON_SIGNER]: [trust('trusted'), trust('foreign')] });
    const image = { repository: 'iam', digest: example.image.digest };
    assert.equal((await both.verify(registry.reader, image, COMMON_SIGNATURES)).kind, 'verified');
  });

  test('the signatures of v1 pushed beside v2 do not verify it', async () => {
    const [v1, v2] = [readExample('v1'), readExample('v2')];
    const registry = holding(v2, 'bundle');
    const legacy = v1.signatures.find(({ tag }) => tag !== undefined);
    assert.ok(legacy !== undefined);
    const stolen = createTestRegistry();
    stolen.push({ manifest: v2.image.bytes, blobs: [] });
    stolen.push({
      manifest: legacy.bytes,
      tag: legacy.tag!.replace(v1.image.digest.slice(7), v2.image.digest.slice(7)),
      blobs: v1.blobs.map(({ bytes }) => bytes),
    });
    assert.equal((await look(v2, registry)).kind, 'verified');
    const verdict = await look(v2, stolen);
    assert.ok(verdict.kind === 'untrusted');
    assert.match(verdict.found[0]?.why ?? '', /signed another image/);
  });
});

describe('when a byte of a real signature is changed', () => {
  interface Target {
    readonly name: ExampleName;
    readonly form: 'bundle' | 'legacy';
    /** The bytes to harm, and the content with the harmed bytes in their place. */
    readonly part: 'signature' | 'payload';
  }
  const targets: readonly Target[] = [
    { name: 'v1', form: 'bundle', part: 'signature' },
    { name: 'v1', form: 'bundle', part: 'payload' },
    { name: 'v1', form: 'legacy', part: 'signature' },
    { name: 'v1', form: 'legacy', part: 'payload' },
  ];
  for (const { name, form, part } of targets) {
    test(`${form}: no change of the ${part} verifies`, async () => {
      const example = readExample(name);
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
          const harmed = form === 'bundle' ? harmBundle(example, part, at, mask) : harmLegacy(example, part, at, mask);
          assert.notEqual((await look(example, harmed)).kind, 'verified');
        }),
        { numRuns: 300 },
      );
    });
  }

  test('the base64 text of a legacy signature has one spelling', async () => {
    const example = readExample('v1');
    const manifest = legacyOf(example);
    const signature = signatureOf(manifest);
    // The last character before the padding has bits that decode to nothing: every other value of them is refused.
    const padded = signature.replace(/(.)(=+)$/, (_, last: string, padding: string) => nextCharacter(last) + padding);
    const same = Buffer.from(padded, 'base64').equals(Buffer.from(signature, 'base64'));
    assert.ok(same && padded !== signature, 'the example does not end in padding: this test needs another one');
    assert.notEqual((await look(example, withLegacy(example, manifest, padded))).kind, 'verified');
  });
});

interface LegacyManifest {
  layers: { digest: string; size: number; annotations: Record<string, string> }[];
}

const ANNOTATION = 'dev.cosignproject.cosign/signature';

function legacyOf(example: Example): LegacyManifest {
  const legacy = example.signatures.find(({ tag }) => tag !== undefined);
  return JSON.parse(Buffer.from(legacy!.bytes).toString('utf8')) as LegacyManifest;
}

function signatureOf(manifest: LegacyManifest): string {
  return manifest.layers[0]!.annotations[ANNOTATION]!;
}

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at % copy.length;
  copy[index] = copy[index]! ^ mask;
  return copy;
}

function withLegacy(example: Example, manifest: LegacyManifest, signature: string, payload?: Buffer): TestRegistry {
  const changed = structuredClone(manifest);
  changed.layers[0]!.annotations[ANNOTATION] = signature;
  if (payload !== undefined) changed.layers[0]!.digest = digestOf(payload);
  const registry = createTestRegistry();
  registry.push({ manifest: example.image.bytes, blobs: example.blobs.map(({ bytes }) => bytes) });
  const tag = `sha256-${example.image.digest.slice(7)}.sig`;
  registry.push({ manifest: Buffer.from(JSON.stringify(changed)), tag, blobs: payload === undefined ? [] : [payload] });
  return registry;
}

function harmLegacy(example: Example, part: 'signature' | 'payload', at: number, mask: number): TestRegistry {
  const manifest = legacyOf(example);
  const signature = signatureOf(manifest);
  if (part === 'signature') {
    return withLegacy(example, manifest, flipped(Buffer.from(signature, 'base64'), at, mask).toString('base64'));
  }
  const payload = example.blobs.find(({ digest }) => digest === manifest.layers[0]!.digest)!.bytes;
  return withLegacy(example, manifest, signature, flipped(Buffer.from(payload), at, mask));
}

function harmBundle(example: Example, part: 'signature' | 'payload', at: number, mask: number): TestRegistry {
  const referrer = example.signatures.find(({ tag }) => tag === undefined)!;
  const manifest = JSON.parse(Buffer.from(referrer.bytes).toString('utf8')) as LegacyManifest;
  const blob = example.blobs.find(({ digest }) => digest === manifest.layers[0]!.digest)!.bytes;
  const bundle = JSON.parse(Buffer.from(blob).toString('utf8')) as {
    dsseEnvelope: { payload: string; signatures: { sig: string }[] };
  };
  const harm = (text: string): string => flipped(Buffer.from(text, 'base64'), at, mask).toString('base64');
  const envelope = bundle.dsseEnvelope;
  if (part === 'payload') envelope.payload = harm(envelope.payload);
  else envelope.signatures[0]!.sig = harm(envelope.signatures[0]!.sig);
  const bytes = Buffer.from(JSON.stringify(bundle));
  manifest.layers[0]!.digest = digestOf(bytes);
  manifest.layers[0]!.size = bytes.byteLength;
  const registry = createTestRegistry();
  registry.push({ manifest: example.image.bytes, blobs: [] });
  registry.push({ manifest: Buffer.from(JSON.stringify(manifest)), blobs: [bytes] });
  return registry;
}

function nextCharacter(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return alphabet[alphabet.indexOf(character) + 1]!;
}
