import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ProofVerdict, SBOM_FORMATS } from '../../../../src/domain/proof.ts';
import { judgeStatements } from '../../../../src/policy/proofs/index.ts';
import { gathered, stated } from './gathered.ts';

const SPDX = 'https://spdx.dev/Document';
const CYCLONEDX = 'https://cyclonedx.org/bom';

const spdx = {
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'iam',
  documentNamespace: 'https://example.test/iam',
  packages: [{ name: 'openssl', SPDXID: 'SPDXRef-Package-openssl', versionInfo: '3.0.11' }],
};
const cyclonedx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { component: { type: 'container', name: 'iam' } },
  components: [{ type: 'library', name: 'openssl', version: '3.0.11' }],
};

function judge(
  type: string,
  predicate: unknown,
  formats: readonly ('spdx' | 'cyclonedx')[] = SBOM_FORMATS,
): ProofVerdict {
  const [verdict] = judgeStatements({ sbom: { by: ['builder'], formats } }, gathered([stated(type, predicate)]));
  return verdict as ProofVerdict;
}

describe('a bill of materials', () => {
  const good: Readonly<Record<string, readonly [string, unknown]>> = {
    'SPDX 2.3': [SPDX, spdx],
    'SPDX, of the type with its version': [`${SPDX}/v2.3`, spdx],
    'SPDX that Cosign attests as text': [SPDX, { Data: JSON.stringify(spdx) }],
    'SPDX that Cosign has wrapped': [SPDX, { Data: spdx, Timestamp: '2026-11-30T00:00:00Z' }],
    'CycloneDX 1.6': [CYCLONEDX, cyclonedx],
    'CycloneDX 1.4 with a serial number for a name': [
      CYCLONEDX,
      { ...cyclonedx, specVersion: '1.4', metadata: {}, serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79' },
    ],
  };
  for (const [what, [type, predicate]] of Object.entries(good))
    test(`is read: ${what}`, () => {
      const verdict = judge(type, predicate);
      assert.equal(verdict.answer, 'yes', JSON.stringify(verdict.refusal));
      assert.match(verdict.reason, /lists 1 parts/);
    });

  const bad: Readonly<Record<string, readonly [string, unknown, RegExp]>> = {
    'SPDX as tags and values': [SPDX, { Data: 'SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0' }, /no JSON object/],
    'SPDX 3': [
      SPDX,
      { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [] },
      /"spdxVersion" is missing/,
    ],
    'SPDX with a version that is nested without end': [
      SPDX,
      { Data: `{"spdxVersion":${'['.repeat(50_000)}${']'.repeat(50_000)}}` },
      /"spdxVersion" is no text/,
    ],
    'SPDX without a name': [SPDX, { ...spdx, name: ' ' }, /no "name"/],
    'SPDX without packages': [SPDX, { ...spdx, packages: [] }, /no packages/],
    'SPDX with a nameless package': [SPDX, { ...spdx, packages: [{}] }, /packages\[0\]/],
    'SPDX of another id': [SPDX, { ...spdx, SPDXID: 'SPDXRef-other' }, /"SPDXID"/],
    'CycloneDX of another version': [CYCLONEDX, { ...cyclonedx, specVersion: '2.0' }, /"2.0"/],
    'CycloneDX without components': [CYCLONEDX, { ...cyclonedx, components: [] }, /no components/],
    'CycloneDX with a nameless component': [
      CYCLONEDX,
      { ...cyclonedx, components: [{ name: 'x' }] },
      /components\[0\]/,
    ],
    'CycloneDX that names nothing': [CYCLONEDX, { ...cyclonedx, metadata: {} }, /serialNumber/],
    'CycloneDX that is SPDX inside': [CYCLONEDX, spdx, /bomFormat/],
    'an empty object': [CYCLONEDX, {}, /bomFormat/],
  };
  for (const [what, [type, predicate, why]] of Object.entries(bad))
    test(`is refused: ${what}`, () => {
      const { refusal } = judge(type, predicate);
      assert.equal(refusal?.code, 'sbom-refused');
      assert.match(refusal.got ?? '', why);
    });

  test('of a form that the rule does not name does not count', () => {
    assert.notEqual(judge(CYCLONEDX, cyclonedx, ['spdx']).answer, 'yes');
  });

  test('that can be read suffices beside one that cannot', () => {
    const both = gathered([stated(SPDX, {}), stated(CYCLONEDX, cyclonedx)]);
    assert.equal(judgeStatements({ sbom: { by: ['builder'], formats: SBOM_FORMATS } }, both)[0]?.answer, 'yes');
  });
});
