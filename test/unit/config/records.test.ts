import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GOOD, problemsOf, PUBLIC_KEY, read } from './written.ts';

const RECORDS = { dev: 'records: { key: { file: secrets/dev.pem }, publicKey: keys/cosign.pub }' };

/** GOOD with lines of its own in an environment. */
function withLines(lines: Readonly<Record<'dev' | 'production', string>>): string {
  return GOOD.replace('  dev:\n', `  dev:\n    ${lines.dev}\n`).replace(
    '  production:\n',
    `  production:\n    ${lines.production}\n`,
  );
}

const demanding = withLines({ ...RECORDS, production: 'proofs: { records: [{ of: dev }] }' });

describe('when an environment signs records', () => {
  test('its key is known by its place, and its public half by what it says', () => {
    const config = read(withLines({ ...RECORDS, production: 'turns: queue' }));
    assert.deepEqual(config.environments['dev']?.recordKey, { kind: 'file', path: '/repo/secrets/dev.pem' });
    assert.deepEqual(config.records, { dev: { file: '/repo/keys/cosign.pub', pem: PUBLIC_KEY } });
    assert.equal(config.environments['production']?.recordKey, undefined);
  });

  test('a key in a vault is known by its address', () => {
    const url = 'https://v.vault.azure.net/keys/records/0123abcd';
    const text = withLines({
      dev: `records: { key: { vault: "${url}" }, publicKey: keys/cosign.pub }`,
      production: 'turns: queue',
    });
    assert.deepEqual(read(text).environments['dev']?.recordKey, { kind: 'vault', url });
  });

  test('that changes no rule, until another environment demands its records', () => {
    const without = read(withLines({ dev: 'turns: queue', production: 'turns: queue' }));
    const signing = read(withLines({ dev: `turns: queue\n    ${RECORDS.dev}`, production: 'turns: queue' }));
    assert.equal(signing.rulebook.policyVersion, without.rulebook.policyVersion);
    assert.deepEqual(read(demanding).rulebook.environments['production']?.proofs?.records, [{ of: 'dev' }]);
    const otherKey = demanding.replace('publicKey: keys/cosign.pub', 'publicKey: keys/grace.pub');
    assert.notEqual(read(otherKey).rulebook.policyVersion, read(demanding).rulebook.policyVersion);
  });
});

describe('when records are written wrongly', () => {
  const cases: readonly (readonly [what: string, lines: Parameters<typeof withLines>[0], expected: RegExp])[] = [
    [
      'a demand for one that does not exist',
      { ...RECORDS, production: 'proofs: { records: [{ of: deb }] }' },
      /records\[0\]\.of.*no environment "deb".*dev/s,
    ],
    [
      'a demand for its own',
      { dev: 'proofs: { records: [{ of: dev }] }', production: 'turns: queue' },
      /does not come before/,
    ],
    [
      'a demand for a later one',
      { dev: 'proofs: { records: [{ of: production }] }', production: 'turns: queue' },
      /"production" does not come before "dev"/,
    ],
    [
      'a demand for one that signs none',
      { dev: 'turns: queue', production: 'proofs: { records: [{ of: dev }] }' },
      /"dev" signs no records/,
    ],
    [
      'one key for two environments',
      { ...RECORDS, production: 'records: { key: { file: secrets/dev.pem }, publicKey: keys/grace.pub }' },
      /sign their records with one key/,
    ],
    [
      'one public key for two environments',
      { ...RECORDS, production: 'records: { key: { file: secrets/p.pem }, publicKey: keys/ada-p256.pub }' },
      /the key of "dev" as well/,
    ],
    [
      'a public key that is private',
      { dev: 'records: { key: { file: k }, publicKey: keys/private.pem }', production: 'turns: queue' },
      /private key/,
    ],
    [
      'a public key of another kind',
      { dev: 'records: { key: { file: k }, publicKey: keys/rsa.pub }', production: 'turns: queue' },
      /rsa 1024.*P-256/,
    ],
    [
      'a public key that is not there',
      { dev: 'records: { key: { file: k }, publicKey: keys/none.pub }', production: 'turns: queue' },
      /no such file/,
    ],
    [
      'a key of a vault without its version',
      {
        dev: 'records: { key: { vault: "https://v.vault.azure.net/keys/records" }, publicKey: keys/cosign.pub }',
        production: 'turns: queue',
      },
      /no version of a key/,
    ],
    [
      'the key itself in the place of its variable',
      {
        dev: 'records: { key: { variable: "-----BEGIN PRIVATE KEY-----" }, publicKey: keys/cosign.pub }',
        production: 'turns: queue',
      },
      /no name of a variable/,
    ],
  ];
  for (const [what, lines, expected] of cases) {
    test(`${what} is told with its place`, () => {
      assert.match(problemsOf(withLines(lines)).join('\n'), expected);
    });
  }
});
