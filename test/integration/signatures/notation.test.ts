/** Notation through the port, with a program that stands in for it: what it is given, and how its words are read. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { notationLook, type NotationOptions } from '../../../src/adapters/signatures/notation/notation-look.ts';
import { LIMITS } from '../../../src/adapters/signatures/notation/wire.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import type { SignatureRule } from '../../../src/domain/proof.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { SignatureVerdict } from '../../../src/ports/signatures.ts';
import { descriptor, IMAGE_TYPE, json, makeKey, signBundle, someImage } from '../../ports/signatures/signing.ts';
import { type Pushed, registryHolding, type TestRegistry } from '../../ports/signatures/test-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-stand-in-'));
after(() => rmSync(folder, { recursive: true }));
/** The program gets no PATH: what runs the stand-in is named in full. */
const program = join(folder, 'notation');
const standIn = fileURLToPath(new URL('stand-in-notation.mjs', import.meta.url));
writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`, { mode: 0o755 });

const image = someImage();
const reference = { repository: 'iam', digest: image.digest };
const key = makeKey();
const TYPE = 'application/vnd.cncf.notary.signature';

function policy(scope = '*') {
  const trustPolicy = JSON.stringify({
    version: '1.0',
    trustPolicies: [{ name: 'all', registryScopes: [scope], signatureVerification: { level: 'strict' } }],
  });
  return {
    trustPolicy,
    trustStore: [{ path: 'x509/ca/acme/root.crt', base64: Buffer.from('certificate').toString('base64') }],
  };
}

/** What `notation sign` pushes, with an envelope that tells the stand-in what to say. */
function noted(said: string, changes: Record<string, unknown> = {}, subject: Digest = image.digest): Pushed {
  const envelope = Buffer.from(said);
  const config = Buffer.from('{}');
  const manifest = json({
    schemaVersion: 2,
    mediaType: IMAGE_TYPE,
    artifactType: TYPE,
    config: descriptor(TYPE, config),
    layers: [descriptor('application/jose+json', envelope)],
    subject: { mediaType: IMAGE_TYPE, digest: subject, size: 500 },
    ...changes,
  });
  return { manifest, blobs: [config, envelope] };
}

function holding(...content: readonly Pushed[]): TestRegistry {
  return registryHolding(image, ...content);
}

const ANY: SignatureRule = { need: 'any', of: ['acme'] };

function verify(
  registry: TestRegistry,
  {
    wanted = ANY,
    entry = policy(),
    ...options
  }: Partial<NotationOptions> & {
    wanted?: SignatureRule;
    entry?: ReturnType<typeof policy> & { from?: string; until?: string };
  } = {},
): Promise<SignatureVerdict> {
  const source = notationLook({ acme: [entry] }, { program, ...options });
  const signers = { builder: [{ kind: 'key', file: 'k.pub', pem: key.pem } as const] };
  return createCosignSignatures(signers, { further: [source] }).verify(registry.reader, reference, wanted);
}

const unusable = (got: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PortError && error.code === 'signer-unusable' && error.retry === 'no', String(error));
  assert.match(error.got ?? '', got);
  return true;
};

describe('when an image is signed with Notation', () => {
  test('what its program accepts is verified, and listed with its artefact', async () => {
    const registry = holding();
    const digest = registry.push(noted('GOOD'));
    const verdict = await verify(registry);
    assert.ok(verdict.kind === 'verified', JSON.stringify(verdict));
    assert.deepEqual(verdict.signed, [
      { signer: 'acme', by: 'Notation policy of acme', artefact: { digest, form: 'notation' } },
    ]);
    assert.deepEqual(verdict.found, [{ digest, form: 'notation' }]);
  });

  test('what it refuses is untrusted', async () => {
    const verdict = await verify(holding(noted('bad')));
    assert.ok(verdict.kind === 'untrusted');
    assert.match(verdict.found[0]?.why ?? '', /Notation refuses it/);
  });

  test('without a signature it is unsigned, and nobody has to have the program', async () => {
    const verdict = await verify(holding(), { program: undefined });
    assert.ok(verdict.kind === 'unsigned' && verdict.looked.some((one) => one.includes(TYPE)));
  });

  test('one good signature among bad ones suffices', async () => {
    assert.equal((await verify(holding(noted('bad'), noted('GOOD')))).kind, 'verified');
  });

  test('each of two signers may sign in their own way', async () => {
    const both: SignatureRule = { need: 'all', of: ['builder', 'acme'] };
    assert.equal(
      (await verify(holding(noted('GOOD'), signBundle(image.digest, key)), { wanted: both })).kind,
      'verified',
    );
    const half = await verify(holding(noted('GOOD')), { wanted: both });
    assert.ok(half.kind === 'untrusted');
    assert.deepEqual([half.signed.map((one) => one.signer), half.missing], [['acme'], ['builder']]);
  });

  test('whoever is not wanted is not asked', async () => {
    const wanted: SignatureRule = { need: 'any', of: ['builder'] };
    assert.equal((await verify(holding(noted('GOOD')), { wanted, program: undefined })).kind, 'unsigned');
  });

  test('a registry that does not say what a referrer is changes nothing', async () => {
    const registry = holding(noted('GOOD'));
    registry.terse = true;
    assert.equal((await verify(registry)).kind, 'verified');
  });

  test('a policy counts in its time, and what is revoked does not', async () => {
    const registry = holding(noted('GOOD'));
    const ended = await verify(registry, {
      entry: { ...policy(), until: '2026-01-01T00:00:00Z' },
      now: () => new Date('2026-11-30T00:00:00Z'),
    });
    assert.ok(ended.kind === 'untrusted' && ended.found[0]?.because === 'not-valid');
    const list = [
      { what: { kind: 'digest', digest: image.digest }, since: '2026-01-01T00:00:00Z', why: 'bad', by: 'ada' },
    ] as const;
    const revoked = await verify(registry, { revocations: async () => list });
    assert.ok(revoked.kind === 'untrusted' && revoked.found[0]?.because === 'revoked');
  });

  test('nothing of ours goes along: no variable, and the folder is gone afterwards', async () => {
    const error: unknown = await verify(holding(noted('ENVIRONMENT'))).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PortError);
    const [, variables = '', layout = ''] = /environment: (.*) in (\/.*)$/.exec(error.got ?? '') ?? [];
    const shells = ['OLDPWD', 'PWD', 'SHLVL', '_'];
    const given = variables.split(' ').filter((one) => !shells.includes(one));
    assert.deepEqual(given, ['HOME', 'NOTATION_EXPERIMENTAL', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME']);
    assert.equal(existsSync(layout), false);
  });
});

describe('when Notation gives no clear answer', () => {
  const words: Readonly<Record<string, RegExp>> = {
    SKIP: /configured to skip/,
    LOGGED: /failed with error|Successfully/,
    OTHER: /Successfully verified/,
    BROKEN: /failed to parse/,
    CHATTER: /in time, or too long/,
  };
  for (const [said, got] of Object.entries(words))
    test(`${said} is "could not find out", never a yes`, async () => {
      await assert.rejects(verify(holding(noted(said))), unusable(got));
    });

  test('a policy that does not apply to this repository is no refusal of the signature', async () => {
    await assert.rejects(
      verify(holding(noted('GOOD')), { entry: policy('other.test/x') }),
      unusable(/no applicable trust policy/),
    );
  });

  test('a policy for this registry and repository applies', async () => {
    assert.equal((await verify(holding(noted('GOOD')), { entry: policy('registry.test/iam') })).kind, 'verified');
  });

  test('a missing program is "could not find out", and says which', async () => {
    await assert.rejects(verify(holding(noted('GOOD')), { program: undefined }), unusable(/no program "notation"/));
    await assert.rejects(
      verify(holding(noted('GOOD')), { program: '/no/such/notation' }),
      unusable(/cannot be run \(ENOENT\)/),
    );
  });

  test('somebody else whose signature suffices is not held up by it', async () => {
    const wanted: SignatureRule = { need: 'any', of: ['acme', 'builder'] };
    const registry = holding(noted('BROKEN'), signBundle(image.digest, key));
    assert.equal((await verify(registry, { wanted })).kind, 'verified');
  });
});

describe('when a Notation signature is malformed', () => {
  const layer = descriptor('application/jose+json', Buffer.from('GOOD'));
  const cases: Readonly<Record<string, readonly [Pushed, RegExp]>> = {
    'no envelope': [noted('GOOD', { layers: [] }), /something else than one envelope/],
    'two envelopes': [noted('GOOD', { layers: [layer, layer] }), /something else than one envelope/],
    'an envelope of another type': [
      noted('GOOD', { layers: [{ ...layer, mediaType: 'text/plain' }] }),
      /something else/,
    ],
    'an envelope of 1 GB': [noted('GOOD', { layers: [{ ...layer, size: 1e9 }] }), /larger than/],
  };
  for (const [name, [pushed, why]] of Object.entries(cases))
    test(`${name} is untrusted, and the program never sees it`, async () => {
      const verdict = await verify(holding(pushed), { program: undefined });
      assert.ok(verdict.kind === 'untrusted');
      assert.match(verdict.found[0]?.why ?? '', why);
    });

  test('one that refers to another image is untrusted, whatever the registry lists', async () => {
    const registry = holding();
    const other = noted('GOOD', {}, someImage('another').digest);
    registry.list({
      digest: registry.push(other),
      mediaType: IMAGE_TYPE,
      size: other.manifest.byteLength,
      artifactType: TYPE,
    });
    const verdict = await verify(registry, { program: undefined });
    assert.ok(verdict.kind === 'untrusted');
    assert.match(verdict.found[0]?.why ?? '', /another image/);
  });

  test('a missing envelope is an error: it may still be arriving', async () => {
    const registry = holding(noted('GOOD'));
    registry.fail('blob', new PortError('blob-unknown', 'no blob', { retry: 'yes' }));
    await assert.rejects(verify(registry), (error) => error instanceof PortError && error.code === 'blob-unknown');
  });

  test('more of them than anybody needs are refused before the program sees one', async () => {
    const many = Array.from({ length: LIMITS.artefacts + 1 }, (_, index) => noted(`GOOD ${index}`));
    await assert.rejects(verify(holding(...many), { program: undefined }), (error) => {
      return error instanceof PortError && error.code === 'registry-protocol';
    });
  });
});
