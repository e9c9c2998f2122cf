import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { asYaml, type Asked, clusterPolicy } from '../../../src/cluster-policy/render.ts';
import { CannotSay, type SignerEntry } from '../../../src/cluster-policy/signatures.ts';
import { startSigstore } from '../signatures/sigstore.ts';

const GROUND = {
  environment: 'production',
  registryHost: 'prod.example.test',
  images: [],
  repositories: ['billing', 'team/iam'],
  namespaces: ['iam'],
};
const key = (): SignerEntry & { readonly kind: 'key' } => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kind: 'key', pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
};
const [ONE, TWO] = [key(), key()];
const VAULT: SignerEntry = { kind: 'vault', url: 'https://v.vault.azure.net/keys/cosign/0123abcd' };
const { trustedRoot } = await startSigstore();
const IDENTITY = {
  kind: 'identity',
  issuer: 'https://issuer.test',
  subject: 'https://ci.test/iam',
  trustedRoot,
} as const;

const asked = (wanted: Asked['wanted'], signers: Asked['signers']): Asked => ({
  signatures: 'sigstore',
  wanted,
  signers,
});
const policiesOf = (one: Asked, ground = GROUND): any[] =>
  clusterPolicy(ground, one).filter(({ kind }) => kind === 'ClusterImagePolicy');
const all = (...of: string[]) => ({ need: 'all', of }) as const;
const any = (...of: string[]) => ({ need: 'any', of }) as const;

describe('when a controller is told whose signatures an image needs', () => {
  test('"all of these" is a policy for each, since every policy must be satisfied', () => {
    const policies = policiesOf(asked(all('builder', 'scanner'), { builder: [ONE], scanner: [TWO] }));
    assert.deepEqual(
      policies.map(({ metadata, spec }) => [metadata.name, spec.authorities.map((one: any) => one.name)]),
      [
        ['sluice-production-builder', ['builder-1']],
        ['sluice-production-scanner', ['scanner-1']],
      ],
    );
    assert.equal(policies[0].spec.authorities[0].key.data, ONE.pem);
  });

  test('"one of these" is one policy, since one authority suffices; so is each key of a signer', () => {
    const [policy, ...more] = policiesOf(asked(any('builder', 'scanner'), { builder: [ONE, VAULT], scanner: [TWO] }));
    assert.deepEqual(more, []);
    assert.deepEqual(
      policy.spec.authorities.map((one: any) => one.name),
      ['builder-1', 'builder-2', 'scanner-1'],
    );
  });

  test('it enforces, for the repositories of the services and by digest', () => {
    const [policy] = policiesOf(asked(any('builder'), { builder: [ONE] }));
    assert.equal(policy.spec.mode, 'enforce');
    assert.deepEqual(policy.spec.images, [
      { glob: 'prod.example.test/billing@*' },
      { glob: 'prod.example.test/team/iam@*' },
    ]);
  });

  test('a key in a vault is named by its version', () => {
    const [policy] = policiesOf(asked(any('builder'), { builder: [VAULT] }));
    assert.equal(policy.spec.authorities[0].key.kms, 'azurekms://v.vault.azure.net/cosign/0123abcd');
  });

  test('an identity is told with its root, in both forms of signatures, exactly or by its anchored pattern', () => {
    const pattern = {
      ...IDENTITY,
      subject: undefined,
      subjectPattern: '^https://ci\\.test/[a-z]+$',
      transparencyLog: 'off',
    } as const;
    const { subject: _, ...patterned } = pattern;
    const objects: any[] = [...clusterPolicy(GROUND, asked(any('builder'), { builder: [IDENTITY, patterned] }))];
    const roots = objects.filter(({ kind }) => kind === 'TrustRoot');
    assert.equal(roots.length, 1, 'the same root is one object');
    const { name } = roots[0].metadata;
    const { authorities } = objects.find(({ kind }) => kind === 'ClusterImagePolicy').spec;
    assert.deepEqual(
      authorities.map((one: any) => [
        one.name,
        one.signatureFormat,
        one.keyless.trustRootRef,
        one.ctlog,
        one.rfc3161timestamp,
      ]),
      [
        ['builder-1', undefined, name, { trustRootRef: name }, undefined],
        ['builder-1-bundle', 'bundle', name, { trustRootRef: name }, undefined],
        ['builder-2', undefined, name, undefined, { trustRootRef: name }],
        ['builder-2-bundle', 'bundle', name, undefined, { trustRootRef: name }],
      ],
    );
    assert.deepEqual(authorities[0].keyless.identities, [
      { issuer: 'https://issuer.test', subject: 'https://ci.test/iam' },
    ]);
    assert.deepEqual(authorities[2].keyless.identities, [
      { issuer: 'https://issuer.test', subjectRegExp: '^https://ci\\.test/[a-z]+$' },
    ]);
    assert.deepEqual(authorities[1].attestations, [
      { name: 'signature', predicateType: 'https://sigstore.dev/cosign/sign/v1' },
    ]);
  });

  test('a key whose signatures must be in a log, or have a timestamp, is told so with its root', () => {
    const entries: readonly SignerEntry[] = [
      { ...ONE, trustedRoot, transparencyLog: 'required' },
      { ...VAULT, trustedRoot, timestamp: 'required' },
    ];
    const [root, policy]: any[] = clusterPolicy(GROUND, asked(any('builder'), { builder: entries })).slice(-2);
    const trustRootRef = root.metadata.name;
    assert.deepEqual(
      policy.spec.authorities.map((one: any) => [one.ctlog, one.rfc3161timestamp]),
      [
        [{ trustRootRef }, undefined],
        [undefined, { trustRootRef }],
      ],
    );
  });

  test('the certificates and keys of the root are those of the file', () => {
    const [root] = clusterPolicy(GROUND, asked(any('builder'), { builder: [IDENTITY] })).filter(
      ({ kind }) => kind === 'TrustRoot',
    ) as any[];
    const { certificateAuthorities, tLogs } = root.spec.sigstoreKeys;
    const written = JSON.parse(trustedRoot);
    const chain = Buffer.from(certificateAuthorities[0].certChain, 'base64').toString();
    const certificates = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    assert.deepEqual(
      certificates.map((one) => new X509Certificate(one).raw.toString('base64')),
      written.certificateAuthorities[0].certChain.certificates.map(({ rawBytes }: { rawBytes: string }) => rawBytes),
    );
    const log = Buffer.from(tLogs[0].publicKey, 'base64')
      .toString()
      .replace(/-----[^-]+-----|\s/g, '');
    assert.equal(log, written.tlogs[0].publicKey.rawBytes);
  });

  test('what the environment lists besides passes, since nobody was asked to sign it', () => {
    const images = ['docker.io/library/busybox', 'mirror.test:5000/tools/*', `mirror.test/a@sha256:${'ab'.repeat(32)}`];
    const listed = policiesOf(asked(any('builder'), { builder: [ONE] }), { ...GROUND, images } as never).at(-1);
    assert.equal(listed.metadata.name, 'sluice-production-listed');
    assert.deepEqual(listed.spec.authorities, [{ name: 'listed', static: { action: 'pass' } }]);
    assert.deepEqual(
      listed.spec.images.map(({ glob }: { glob: string }) => glob),
      ['index.docker.io/library/busybox@*', 'mirror.test:5000/tools/**', `mirror.test/a@sha256:${'ab'.repeat(32)}`],
    );
  });

  const unsayable: readonly (readonly [string, Asked])[] = [
    ['a signer that nobody knows', asked(any('nobody'), { builder: [ONE] })],
    ['a signer of whom nothing is known', asked(any('builder'), { builder: [] })],
    ['Notation', asked(any('builder'), { builder: [ONE, { kind: 'notation' }] })],
    [
      'a log entry and a timestamp for one signature',
      asked(any('builder'), { builder: [{ ...IDENTITY, timestamp: 'required' }] }),
    ],
    ['nobody at all', asked(any(), { builder: [ONE] })],
    ['a name that every object has', asked(any('constructor'), { builder: [ONE] })],
  ];
  for (const [name, one] of unsayable) {
    test(`${name} is said to be unsayable, rather than left out`, () => {
      assert.throws(() => clusterPolicy(GROUND, one), CannotSay);
    });
  }

  test('the file says what stands in no field: the label, the form that keys are read in, and when a key begins and ends', () => {
    const next = { ...ONE, from: '2027-01-01T00:00:00Z' };
    const one = asked(any('builder'), { builder: [{ ...ONE, until: '2027-02-01T00:00:00Z' }, next] });
    const yaml = asYaml(clusterPolicy(GROUND, one), GROUND, one);
    assert.match(yaml, /^# .*kubectl label namespace iam policy\.sigstore\.dev\/include=true$/m);
    assert.match(yaml, /^# With keys it reads the legacy form of Cosign alone/m);
    assert.match(yaml, /^# A key of "builder" counts until 2027-02-01T00:00:00Z/m);
    assert.match(yaml, /^# A key of "builder" counts from 2027-01-01T00:00:00Z; the controller does not know/m);
    assert.equal(yaml, asYaml(clusterPolicy(GROUND, one), GROUND, one));
  });
});
