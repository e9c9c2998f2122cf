import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalJson } from '../../../src/content/canonical-json.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { GOOD, problemsOf, read } from './written.ts';

const production = (...lines: readonly string[]): string =>
  GOOD.replace('    lockImages: true\n', `    lockImages: true\n${lines.map((line) => `    ${line}\n`).join('')}`);

describe('where evidence is kept', () => {
  test('it is kept wherever nobody says otherwise, and that decides nothing about a promotion', () => {
    assert.deepEqual(read(GOOD).rulebook.keepsEvidence, ['dev', 'production']);
    const without = read(production('keepEvidence: false')).rulebook;
    assert.deepEqual(without.keepsEvidence, ['dev']);
    assert.equal(without.policyVersion, read(GOOD).rulebook.policyVersion);
  });
});

describe('the rules that evidence holds', () => {
  test('are the very text whose digest plans name', () => {
    const { policy = '', policyVersion, environments, services } = read(GOOD).rulebook;
    assert.equal(digestOf(policy), policyVersion);
    const rules = JSON.parse(policy) as Record<string, unknown>;
    assert.equal(canonicalJson(rules), policy);
    assert.deepEqual([rules['environments'], rules['services']], JSON.parse(JSON.stringify([environments, services])));
  });

  test('say nothing of where secrets are, and so nothing of what they are', () => {
    const text = production(
      'records: { key: { variable: RECORD_KEY }, publicKey: keys/cosign.pub }',
      'gates: [{ external: { url: "https://change.example.test/ask", secretFrom: { variable: ASKING_SECRET } } }]',
    ).replace(
      'services:\n',
      'notifications: [{ name: ops, urlFrom: { variable: OPS_ADDRESS }, secretFrom: { file: /run/secrets/ops } }]\nservices:\n',
    );
    assert.deepEqual(problemsOf(text), []);
    const { policy = '' } = read(text).rulebook;
    assert.match(policy, /change\.example\.test/);
    for (const name of ['RECORD_KEY', 'ASKING_SECRET', 'OPS_ADDRESS', '/run/secrets', 'onestream-prod-rg'])
      assert.ok(!policy.includes(name), name);
  });

  for (const url of ['https://probe:hunter2@iam.example.test/health', 'http://iam.example.test/health?token=hunter2'])
    test(`hold no address of a service with a secret in it: ${url}`, () => {
      const text = GOOD.replace('iam: {}', `iam: { health: { urls: { dev: "${url}" } } }`);
      assert.match(problemsOf(text).join(), /services\.iam\.health\.urls\.dev|the address holds/);
      assert.notDeepEqual(problemsOf(text), []);
    });
});
