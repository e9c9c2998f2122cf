import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readRevocations } from '../../../src/config/revocations.ts';
import { notationPolicyProblem } from '../../../src/config/notation-policy.ts';
import { GOOD, problemsOf, PUBLIC_KEY, read, readText } from './written.ts';

const SIGNERS = `  signers:
    builder:
      - { key: keys/cosign.pub, from: 2026-01-01T00:00:00Z, until: 2027-02-01T00:00:00Z }
      - { vault: "https://v.vault.azure.net/keys/cosign/0123456789abcdef0123456789abcdef" }
    scanner:
      - { issuer: https://a.test, subjectPattern: '^https://b\\.test/[a-z]+$', trustedRoot: root.json, timestamp: required }
`;
const PROOFS = '    proofs: { signatures: { all: [builder, scanner] } }\n';
/** GOOD with signers, and production asking for both. */
const SIGNED = GOOD.replace('  approvers: unproven\n', () => `  approvers: unproven\n${SIGNERS}`).replace(
  '    lockImages: true\n',
  `    lockImages: true\n${PROOFS}`,
);
const change = (from: string, to: string, text = SIGNED): string => {
  assert.ok(text.includes(from), `there is no ${from}`);
  // a function, since $' means something in a text
  return text.replace(from, () => to);
};
const entry = (written: string): string => change('{ key: keys/cosign.pub }', written, GOOD);

describe('when sluice.yaml names signers', () => {
  test('they are read with their keys, by name, and trust.signatures is the signer of that name', () => {
    const { trust, rulebook } = read(SIGNED);
    assert.deepEqual(trust['signatures'], [{ kind: 'key', file: '/repo/keys/cosign.pub', pem: PUBLIC_KEY }]);
    const [key, vault] = trust['builder'] ?? [];
    assert.ok(key?.kind === 'key' && key.from === '2026-01-01T00:00:00Z' && key.until === '2027-02-01T00:00:00Z');
    assert.ok(vault?.kind === 'vault' && vault.url.endsWith('/cosign/0123456789abcdef0123456789abcdef'));
    const [identity] = trust['scanner'] ?? [];
    assert.ok(identity?.kind === 'identity' && 'subjectPattern' in identity && identity.timestamp === 'required');
    assert.deepEqual(rulebook.environments['production']?.proofs?.signatures, {
      need: 'all',
      of: ['builder', 'scanner'],
    });
    assert.equal(rulebook.environments['dev']?.proofs, undefined);
  });

  test('trust.signatures may be left out where every environment names its signers', () => {
    const text = change('  signatures: [{ key: keys/cosign.pub }]\n', '');
    const everywhere = change(
      'context: dev }\n',
      'context: dev }\n    proofs: { signatures: { any: [builder] } }\n',
      text,
    );
    assert.deepEqual(Object.keys(read(everywhere).trust), ['builder', 'scanner']);
  });

  test('the file of what is revoked may be missing: only workers need it', () => {
    const text = change('  approvers: unproven\n', '  approvers: unproven\n  revoked: /mnt/revoked.yaml\n');
    assert.equal(read(text).revokedFile, '/mnt/revoked.yaml');
  });

  test('a policy and a store of Notation are read with the configuration', () => {
    const [notation] =
      read(entry('{ notation: { trustPolicy: notation/policy.json, trustStore: notation/truststore } }')).trust[
        'signatures'
      ] ?? [];
    assert.ok(notation?.kind === 'notation' && notation.trustPolicy.includes('"strict"'));
    assert.deepEqual(
      notation.trustStore.map((one) => one.path),
      ['x509/ca/acme/root.crt'],
    );
  });
});

describe('when the version of the policy is computed with signers', () => {
  const version = (text: string): string => read(text).rulebook.policyVersion;

  test('a configuration without the new keys keeps the version that it had', () => {
    // as the first release computed it; a change here voids every running approval
    assert.equal(version(GOOD), 'sha256:e454321f758b432c195442ba07685f947b6fc1409837bcf0d6b8afa39d2aa25c');
  });

  test('another signer, time, pattern, demand or rule is another version', () => {
    const others = [
      GOOD,
      change('    scanner:', '    sweeper:').replace('[builder, scanner]', '[builder, sweeper]'),
      change('2027-02-01', '2027-03-01'),
      change('[a-z]+$', '[a-z]$'),
      change('timestamp: required', 'timestamp: off'),
      change('all: [builder', 'any: [builder'),
      change('0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdee'),
    ];
    assert.equal(new Set([SIGNED, ...others].map(version)).size, others.length + 1);
  });

  test('where a key lies, and what is revoked, is no rule', () => {
    assert.equal(version(SIGNED), version(change('key: keys/cosign.pub, from', 'key: keys/ada-p256.pub, from')));
    assert.equal(
      version(SIGNED),
      version(change('  approvers: unproven\n', '  approvers: unproven\n  revoked: revoked.yaml\n')),
    );
  });
});

describe('when signers have mistakes', () => {
  const cases: readonly (readonly [title: string, text: string, expected: RegExp])[] = [
    [
      'a signer that nobody is',
      change('all: [builder, scanner]', 'all: [builder, scaner]'),
      /production\.proofs\.signatures\.all\[1\]: there is no signer "scaner" \(did you mean "scanner"\?\); .*known: signatures, builder, scanner/,
    ],
    [
      'a signer named twice',
      change('all: [builder, scanner]', 'all: [builder, builder]'),
      /all\[1\]: "builder" is named twice/,
    ],
    ['nobody at all', change('all: [builder, scanner]', 'all: []'), /all: expected at least 1/],
    [
      'two rules at once',
      change('all: [builder, scanner]', 'all: [builder], any: [scanner]'),
      /signatures\.(all|any): unknown key|signatures: expected/,
    ],
    [
      'the reserved name',
      change('    builder:', '    signatures:'),
      /trust\.signers\.signatures: "signatures" is the signer that trust\.signatures makes up/,
    ],
    [
      'a name that is none',
      change('    scanner:', '    Scanner:').replace('[builder, scanner]', '[builder]'),
      /"Scanner" cannot be a name/,
    ],
    [
      'no signatures and no signers',
      change('  signatures: [{ key: keys/cosign.pub }]\n', '', GOOD),
      /trust: nothing says whose signatures count/,
    ],
    [
      'no signatures, and an environment that names nobody',
      change('  signatures: [{ key: keys/cosign.pub }]\n', ''),
      /environments\.dev: nothing says whose signatures count in "dev"; write trust\.signatures, or proofs/,
    ],
    [
      'a time that ends before it begins',
      change('until: 2027-02-01', 'until: 2025-02-01'),
      /until: it ends before it begins/,
    ],
    ['a time without a zone', change('from: 2026-01-01T00:00:00Z', 'from: 2026-01-01'), /from: expected/],
    [
      'a vault without version',
      entry('{ vault: "https://v.vault.azure.net/keys/cosign" }'),
      /vault: the version is missing, and without it whoever rotates/,
    ],
    ['a vault without TLS', entry('{ vault: "http://v.vault.azure.net/keys/cosign/01" }'), /not https/],
    ['a secret of a vault', entry('{ vault: "https://v.vault.azure.net/secrets/cosign/01" }'), /no key of a vault/],
    ['a vault with a query', entry('{ vault: "https://v.vault.azure.net/keys/cosign/01?a=b" }'), /no key of a vault/],
    [
      'an identity without subject',
      entry('{ issuer: https://a.test, trustedRoot: root.json }'),
      /"subject" is missing/,
    ],
    [
      'an identity with both',
      entry("{ issuer: https://a.test, subject: s, subjectPattern: '^s$', trustedRoot: root.json }"),
      /"subject" and "subjectPattern" exclude each other/,
    ],
    [
      'a pattern without an end',
      entry("{ issuer: https://a.test, subjectPattern: '^https://github\\.com/acme/repo', trustedRoot: root.json }"),
      /subjectPattern: the pattern cannot be used: it does not end with \$/,
    ],
    [
      'a pattern that could be slow',
      entry("{ issuer: https://a.test, subjectPattern: '^([a-z]+)+$', trustedRoot: root.json }"),
      /the pattern cannot be used: groups and alternatives/,
    ],
    [
      'an identity that nothing dates',
      entry('{ issuer: https://a.test, subject: s, trustedRoot: root.json, transparencyLog: off, timestamp: off }'),
      /without log and timestamp nothing says when it was signed/,
    ],
    [
      'a demand without a root',
      entry('{ key: keys/cosign.pub, transparencyLog: required }'),
      /transparencyLog: nothing could check it; write trustedRoot/,
    ],
    [
      'a root without a demand',
      entry('{ key: keys/cosign.pub, trustedRoot: root.json }'),
      /trustedRoot: nothing asks this root/,
    ],
    [
      'a demand that is none',
      entry('{ key: keys/cosign.pub, timestamp: maybe }'),
      /timestamp: expected "required" or "off", got maybe/,
    ],
    [
      'a list of what is revoked that is none',
      change('  approvers: unproven\n', '  approvers: unproven\n  revoked: people/wrong.yaml\n'),
      /trust\.revoked: cannot use \/repo\/people\/wrong\.yaml: .*expected a list.*; write a list of what is revoked/,
    ],
    [
      'a lax policy of Notation',
      entry('{ notation: { trustPolicy: notation/lax.json, trustStore: notation/truststore } }'),
      /trustPolicy: cannot use .*: its policy "all" says less than "level": "strict"/,
    ],
    [
      'a store of Notation that is not there',
      entry('{ notation: { trustPolicy: notation/policy.json, trustStore: notation/lost } }'),
      /trustStore: cannot use \/repo\/notation\/lost: no such file/,
    ],
  ];
  for (const [title, text, expected] of cases) test(title, () => assert.match(problemsOf(text).join('\n'), expected));

  test('all of them are told at once', () => {
    const text = change('all: [builder, scanner]', 'all: [bilder, scaner]').replace('until: 2027', 'until: 2025');
    assert.equal(problemsOf(text).length, 3, problemsOf(text).join('\n'));
  });
});

describe('when the file of what is revoked is read', () => {
  const about = 'since: 2026-11-01T00:00:00Z, why: stolen, by: ada';
  const listed = (text: string) =>
    readRevocations('/repo/list.yaml', (path) => (path === '/repo/list.yaml' ? text : readText(path)));

  test('keys by fingerprint and by file, vault keys, identities and digests are understood', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const read = listed(
      [
        `- { key: "${digest}", ${about} }`,
        `- { key: keys/cosign.pub, ${about} }`,
        `- { vault: "https://v.test/keys/a/1", ${about} }`,
        `- { identity: { issuer: https://i.test, subject: s }, ${about} }`,
        `- { digest: "${digest}", ${about} }`,
      ].join('\n'),
    );
    assert.ok(read.ok, JSON.stringify(read));
    assert.deepEqual(
      read.revocations.map(({ what }) => what.kind),
      ['key', 'key', 'vault', 'identity', 'digest'],
    );
    assert.ok(read.revocations.every((one) => one.why === 'stolen' && one.by === 'ada'));
  });

  test('an empty list revokes nothing', () => assert.deepEqual(listed('[]'), { ok: true, revocations: [] }));

  const mistakes: Readonly<Record<string, string>> = {
    nothing: '',
    'no list': 'revoked: []',
    'broken YAML': '- {',
    'an entry without a reason': '- { key: keys/cosign.pub, since: 2026-11-01T00:00:00Z, by: ada }',
    'an entry without a time': '- { key: keys/cosign.pub, why: stolen, by: ada }',
    'a day instead of a time': '- { key: keys/cosign.pub, since: 2026-11-01, why: stolen, by: ada }',
    'a key that is not there': `- { key: keys/lost.pub, ${about} }`,
    'a private key': `- { key: keys/private.pem, ${about} }`,
    'a digest that is none': `- { digest: latest, ${about} }`,
    'a key in a vault without its version': `- { vault: "https://v.test/keys/a", ${about} }`,
    'something else in a vault': `- { vault: "https://v.test/secrets/a/1", ${about} }`,
    'a key in a vault that is no address': `- { vault: a/1, ${about} }`,
    'an unknown kind': `- { image: x, ${about} }`,
  };
  for (const [title, text] of Object.entries(mistakes))
    test(`${title} is a mistake, never an empty list`, () => {
      const read = listed(text);
      assert.ok(!read.ok && read.problems.length > 0, JSON.stringify(read));
    });
});

describe('when a trust policy of Notation is looked at', () => {
  const policy = (verification: object) =>
    JSON.stringify({
      version: '1.0',
      trustPolicies: [{ name: 'all', registryScopes: ['*'], signatureVerification: verification }],
    });

  test('strict is good', () => assert.equal(notationPolicyProblem(policy({ level: 'strict' })), undefined));

  for (const level of ['permissive', 'audit', 'skip'])
    test(`${level} is refused`, () => assert.match(notationPolicyProblem(policy({ level })) ?? '', /less than/));

  test('strict with exceptions is refused', () => {
    const lax = { level: 'strict', override: { revocation: 'skip' } };
    assert.match(notationPolicyProblem(policy(lax)) ?? '', /less than/);
  });

  for (const text of ['', '{}', '[]', '{"version":"2.0","trustPolicies":[]}'])
    test(`${text || 'nothing'} is no policy`, () => assert.notEqual(notationPolicyProblem(text), undefined));
});
