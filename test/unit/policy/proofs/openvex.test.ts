import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hexOf } from '../../../../src/domain/digest.ts';
import type { ProofVerdict, VulnerabilityRule } from '../../../../src/domain/proof.ts';
import { judgeStatements } from '../../../../src/policy/proofs/index.ts';
import { gathered, IMAGE, stated } from './gathered.ts';
import { COSIGN, openVex, trivy, VEX } from './reports.ts';

const DIGEST = encodeURIComponent(IMAGE.digest);
const OPENSSL = 'pkg:deb/debian/openssl@3.0.11?arch=amd64';
const RULE: VulnerabilityRule = {
  ...{ by: ['scanner'], noOlderThanMs: 86_400_000, most: { critical: 0 }, exceptions: [], vexBy: ['security'] },
};
const bad = stated(
  COSIGN,
  trivy('2026-11-30T11:00:00Z', { id: 'CVE-1', severity: 'CRITICAL', purl: OPENSSL }),
  'scanner',
);
const word = {
  ...{ vulnerability: { name: 'CVE-1' }, status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' },
};

function judge(statements: readonly unknown[], by = 'security', rule: Partial<VulnerabilityRule> = {}): ProofVerdict {
  const vex = stated(VEX, openVex(...statements), by);
  const [verdict] = judgeStatements({ vulnerabilities: { ...RULE, ...rule } }, gathered([bad, vex]));
  return verdict as ProofVerdict;
}

describe('what OpenVEX says of a vulnerability', () => {
  const helping: Readonly<Record<string, object>> = {
    'not affected, with a justification': word,
    fixed: { vulnerability: { name: 'CVE-1' }, status: 'fixed' },
    'by another of its names': { ...word, vulnerability: { name: 'GHSA-1', aliases: ['CVE-1'] } },
    'as a text, as older documents do': { ...word, vulnerability: 'CVE-1' },
    'for this image by digest': {
      ...word,
      products: [{ '@id': `pkg:oci/iam@${DIGEST}?repository_url=dev.example.test%2Fiam` }],
    },
    'for this image by a purl beside its id': {
      ...word,
      products: [{ '@id': 'urn:x', identifiers: { purl: `pkg:oci/iam@${DIGEST}` } }],
    },
    'for this image by its hash': {
      ...word,
      products: [{ '@id': 'urn:x', hashes: { 'sha-256': hexOf(IMAGE.digest) } }],
    },
    'for any version of this image': {
      ...word,
      products: [{ '@id': 'pkg:oci/iam?repository_url=prod.example.test%2Fiam' }],
    },
    'for this image as a reference': { ...word, products: [`dev.example.test/iam@${IMAGE.digest}`] },
    'for one of several products': { ...word, products: ['pkg:oci/other', `pkg:oci/iam@${DIGEST}`] },
    'for the package in which it was found': {
      ...word,
      products: [{ '@id': 'pkg:oci/iam', subcomponents: [{ '@id': 'pkg:deb/debian/openssl@3.0.11' }] }],
    },
  };
  for (const [what, statement] of Object.entries(helping))
    test(`helps: ${what}`, () => {
      const verdict = judge([statement]);
      assert.equal(verdict.answer, 'yes', JSON.stringify(verdict.refusal));
      assert.match(verdict.reason, /without CVE-1 by OpenVEX/);
      assert.equal(verdict.statements.length, 2);
    });

  const useless: Readonly<Record<string, object>> = {
    'of another vulnerability': { ...word, vulnerability: { name: 'CVE-11' } },
    'not affected, without a justification': { vulnerability: { name: 'CVE-1' }, status: 'not_affected' },
    'not affected, with words alone': {
      vulnerability: { name: 'CVE-1' },
      status: 'not_affected',
      impact_statement: 'no',
    },
    'not affected, with a justification that there is not': { ...word, justification: 'trust_me' },
    affected: { ...word, status: 'affected' },
    'under investigation': { ...word, status: 'under_investigation' },
    'of another image by digest': { ...word, products: [{ '@id': `pkg:oci/iam@${DIGEST.replace(/.{4}$/, '0000')}` }] },
    'of another image by name': { ...word, products: [{ '@id': 'pkg:oci/iam-evil' }] },
    'of a tag of this image': { ...word, products: [{ '@id': 'pkg:oci/iam@1.2.3' }] },
    'of one platform of it': { ...word, products: [{ '@id': 'pkg:oci/iam?arch=arm64' }] },
    'of a package alone': { ...word, products: [{ '@id': OPENSSL }] },
    'of another package in this image': {
      ...word,
      products: [{ '@id': 'pkg:oci/iam', subcomponents: [{ '@id': 'pkg:deb/debian/curl' }] }],
    },
    'of another version of the package': {
      ...word,
      products: [{ '@id': 'pkg:oci/iam', subcomponents: ['pkg:deb/debian/openssl@3.0.99'] }],
    },
    'of a part that nobody can name': {
      ...word,
      products: [{ '@id': 'pkg:oci/iam', subcomponents: ['the crypto part'] }],
    },
    'from the future': { ...word, timestamp: '2026-11-30T12:01:01Z' },
    'of nothing': {},
  };
  for (const [what, statement] of Object.entries(useless))
    test(`does not help: ${what}`, () => assert.equal(judge([statement]).refusal?.code, 'vulnerabilities-refused'));

  test('by somebody whom the rule does not hear does not help, nor where it hears nobody', () => {
    assert.equal(judge([word], 'scanner').answer, 'no');
    const { vexBy: _, ...deaf } = RULE;
    const [verdict] = judgeStatements(
      { vulnerabilities: deaf },
      gathered([bad, stated(VEX, openVex(word), 'security')]),
    );
    assert.equal(verdict?.answer, 'no');
  });

  test('the newest word counts', () => {
    const before = { ...word, timestamp: '2026-11-01T00:00:00Z' };
    const affected = { ...word, status: 'affected', timestamp: '2026-11-02T00:00:00Z' };
    assert.equal(judge([before, affected]).answer, 'no');
    assert.equal(judge([affected, { ...word, timestamp: '2026-11-03T00:00:00Z' }]).answer, 'yes');
  });
  const inPackage = (statement: object, subcomponent: string) => ({
    ...statement,
    products: [{ '@id': 'pkg:oci/iam', subcomponents: [{ '@id': subcomponent }] }],
  });
  const reassuring = { ...word, timestamp: '2026-11-01T00:00:00Z' };
  const warning = { ...word, status: 'affected', timestamp: '2026-11-02T00:00:00Z' };

  test('a newer warning about a part that nobody can name is a warning about all of the image', () => {
    assert.equal(judge([reassuring, inPackage(warning, 'the crypto part')]).answer, 'no');
    assert.equal(judge([reassuring, inPackage(warning, 'pkg:deb/debian/curl')]).answer, 'yes');
  });

  test('a newer warning about a package counts where the report does not say in which one it was found', () => {
    const found = stated(COSIGN, trivy('2026-11-30T11:00:00Z', { id: 'CVE-1', severity: 'CRITICAL' }), 'scanner');
    const vex = stated(VEX, openVex(reassuring, inPackage(warning, 'pkg:deb/debian/openssl')), 'security');
    const [verdict] = judgeStatements({ vulnerabilities: RULE }, gathered([found, vex]));
    assert.equal(verdict?.answer, 'no');
  });

  test('of two words at one moment the one counts that helps less', () =>
    assert.equal(judge([word, { ...word, status: 'under_investigation' }]).answer, 'no'));
  test('a document without a time says nothing', () => {
    const { timestamp: _, ...timeless } = openVex(word);
    const [verdict] = judgeStatements({ vulnerabilities: RULE }, gathered([bad, stated(VEX, timeless, 'security')]));
    assert.equal(verdict?.answer, 'no');
  });
  test('it does not help where the vulnerability is in another package too', () => {
    const curl = { id: 'CVE-1', severity: 'CRITICAL', purl: 'pkg:deb/debian/curl@8' };
    const both = stated(
      COSIGN,
      trivy('2026-11-30T11:00:00Z', { id: 'CVE-1', severity: 'CRITICAL', purl: OPENSSL }, curl),
      'scanner',
    );
    const narrow = {
      ...word,
      products: [{ '@id': 'pkg:oci/iam', subcomponents: [{ '@id': 'pkg:deb/debian/openssl' }] }],
    };
    const [verdict] = judgeStatements(
      { vulnerabilities: RULE },
      gathered([both, stated(VEX, openVex(narrow), 'security')]),
    );
    assert.equal(verdict?.answer, 'no');
  });
});
