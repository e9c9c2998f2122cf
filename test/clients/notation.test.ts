/**
 * Notation itself, where `NOTATION` names the program: `NOTATION=$(command -v notation) node --test test/clients/notation.test.ts`.
 * No registry of packages has it ready-made, so it is not among the tools of set-up; everywhere else a program stands in for it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createCosignSignatures } from '../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { notationLook } from '../../src/adapters/signatures/notation/notation-look.ts';
import { type Digest, hexOf } from '../../src/domain/digest.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { SignatureVerdict } from '../../src/ports/signatures.ts';
import { descriptor, IMAGE_TYPE, json, someImage } from '../ports/signatures/signing.ts';
import { type Pushed, registryHolding } from '../ports/signatures/test-registry.ts';

interface SignatureManifest {
  readonly config: { readonly digest: Digest };
  readonly layers: readonly { readonly digest: Digest; readonly mediaType: string }[];
}

if (process.env['NOTATION'] !== undefined) describeNotation(process.env['NOTATION']);

function describeNotation(program: string): void {
  describe('when the real notation has signed an image', () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-notation-'));
    after(() => rmSync(home, { recursive: true }));
    const notation = (...args: readonly string[]): string =>
      execFileSync(program, args, {
        env: { HOME: home, XDG_CONFIG_HOME: join(home, 'config'), NOTATION_EXPERIMENTAL: '1' },
        encoding: 'utf8',
        stdio: 'pipe',
      });
    const certificate = (name: string): Buffer => {
      notation('cert', 'generate-test', name);
      return readFileSync(join(home, `config/notation/truststore/x509/ca/${name}/${name}.crt`));
    };
    const [acme, mallory] = [certificate('acme'), certificate('mallory')];
    const image = someImage();
    const { signed, manifest } = signedBy('acme');

    function signedBy(key: string): { readonly signed: Pushed; readonly manifest: SignatureManifest } {
      const layout = join(home, 'image');
      const blob = (digest: Digest): string => join(layout, 'blobs/sha256', hexOf(digest));
      mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
      writeFileSync(blob(image.digest), image.manifest);
      writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
      const index = join(layout, 'index.json');
      const own = { mediaType: IMAGE_TYPE, digest: image.digest, size: image.manifest.byteLength };
      writeFileSync(index, JSON.stringify({ schemaVersion: 2, manifests: [own] }));
      notation('sign', '--oci-layout', '--key', key, `${layout}@${image.digest}`);
      const { manifests } = JSON.parse(readFileSync(index, 'utf8')) as {
        manifests: readonly { readonly digest: Digest }[];
      };
      const bytes = readFileSync(blob(manifests.find((one) => one.digest !== image.digest)?.digest ?? image.digest));
      const stated = JSON.parse(bytes.toString()) as SignatureManifest;
      const blobs = [stated.config, ...stated.layers].map(({ digest }) => readFileSync(blob(digest)));
      return { signed: { manifest: bytes, blobs }, manifest: stated };
    }

    function verify(
      { certificate = acme, ...statement }: { readonly certificate?: Buffer; readonly [field: string]: unknown },
      pushed = signed,
    ): Promise<SignatureVerdict> {
      const all = { name: 'all', registryScopes: ['*'], trustStores: ['ca:acme'], trustedIdentities: ['*'] };
      const trustPolicy = JSON.stringify({
        version: '1.0',
        trustPolicies: [{ ...all, signatureVerification: { level: 'strict' }, ...statement }],
      });
      const trustStore = [{ path: 'x509/ca/acme/acme.crt', base64: certificate.toString('base64') }];
      const source = notationLook({ acme: [{ trustPolicy, trustStore }] }, { program });
      const reference = { repository: 'iam', digest: image.digest };
      const wanted = { need: 'any', of: ['acme'] } as const;
      return createCosignSignatures({}, { further: [source] }).verify(
        registryHolding(image, pushed).reader,
        reference,
        wanted,
      );
    }

    test('it is verified by its policy and its trust store', async () => {
      const verdict = await verify({});
      assert.ok(verdict.kind === 'verified', JSON.stringify(verdict));
      assert.deepEqual(
        verdict.signed.map(({ signer, by }) => [signer, by]),
        [['acme', 'Notation policy of acme']],
      );
    });

    test('it is untrusted with the certificate of somebody else, or for another identity', async () => {
      const others = [{ certificate: mallory }, { trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'] }];
      for (const other of others) assert.equal((await verify(other)).kind, 'untrusted');
    });

    test('it is untrusted when one letter of the signature is another one', async () => {
      const [config, envelope] = signed.blobs as [Buffer, Buffer];
      const other = envelope.toString().replace(/"signature":"(.)/, (_, c) => `"signature":"${c === 'A' ? 'B' : 'A'}`);
      const bytes = Buffer.from(other);
      assert.notDeepEqual(bytes, envelope);
      const mediaType = manifest.layers[0]?.mediaType ?? '';
      const changed = { ...manifest, layers: [descriptor(mediaType, bytes)] };
      assert.equal((await verify({}, { manifest: json(changed), blobs: [config, bytes] })).kind, 'untrusted');
    });

    test('where no policy is about the registry nobody can say', async () => {
      await assert.rejects(
        verify({ registryScopes: ['other.example/iam'] }),
        (error) => error instanceof PortError && error.code === 'signer-unusable',
      );
    });
  });
}
