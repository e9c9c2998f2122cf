import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { examineSigners } from '../../../src/cli/doctor/signers.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { loadConfig } from '../../../src/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
after(() => rmSync(folder, { recursive: true }));
const keyFile = (name: string): void => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(folder, name), publicKey.export({ type: 'spki', format: 'pem' }));
};
for (const name of ['old.pub', 'next.pub']) keyFile(name);
writeFileSync(join(folder, 'root.json'), '{}');

let files = 0;
async function examined(trust: string, { at = '2026-11-30T00:00:00Z', proofs = '' } = {}): Promise<readonly Finding[]> {
  files += 1;
  const file = join(folder, `${files}.yaml`);
  writeFileSync(
    file,
    `version: 1
path: [dev]
environments:
  dev:
    registry: { acr: onestreamdev, resourceGroup: rg, subscription: s }
    cluster: { simulated: true }
${proofs}
trust:
${trust}
services: { iam: { health: false } }
`,
  );
  return examineSigners(await loadConfig(file), new Date(at));
}

const about = (findings: readonly Finding[], name: RegExp): Finding => {
  const found = findings.find((one) => name.test(one.about));
  assert.ok(found !== undefined, JSON.stringify(findings));
  return found;
};

describe('when the doctor looks at signers', () => {
  test('a key that counts is well, with its fingerprint and its time', async () => {
    const findings = await examined('  signatures: [{ key: old.pub, until: 2027-02-01T00:00:00Z }]');
    const found = about(findings, /^signer signatures: key old\.pub$/);
    assert.equal(found.state, 'well');
    assert.match(found.detail, /^sha256:[0-9a-f]{64}, counts until 2027-02-01T00:00:00Z$/);
    assert.ok(
      findings.every((one) => one.state === 'well'),
      JSON.stringify(findings),
    );
  });

  test('one that ends within thirty days is doubtful, unless another goes on', async () => {
    const old = '{ key: old.pub, until: 2026-12-10T00:00:00Z }';
    const alone = await examined(`  signatures: [${old}]`);
    assert.match(about(alone, /^signer signatures$/).detail, /ends in 10 day\(s\)/);
    const followed = await examined(`  signatures: [${old}, { key: next.pub, from: 2026-12-01T00:00:00Z }]`);
    assert.ok(
      followed.every((one) => one.state === 'well'),
      JSON.stringify(followed),
    );
    const gap = await examined(`  signatures: [${old}, { key: next.pub, from: 2026-12-20T00:00:00Z }]`);
    assert.equal(about(gap, /^signer signatures$/).state, 'doubtful');
  });

  test('a signer of whom nothing counts now is unwell', async () => {
    const ended = await examined('  signatures: [{ key: old.pub, until: 2026-01-01T00:00:00Z }]');
    assert.equal(about(ended, /key old\.pub/).state, 'doubtful');
    assert.equal(about(ended, /^signer signatures$/).state, 'unwell');
    const later = await examined('  signatures: [{ key: old.pub, from: 2027-01-01T00:00:00Z }]');
    assert.equal(about(later, /^signer signatures$/).state, 'unwell');
  });

  test('a revoked key is doubtful, and its reason is told', async () => {
    writeFileSync(
      join(folder, 'revoked.yaml'),
      '- { key: old.pub, since: 2026-11-01T00:00:00Z, why: laptop stolen, by: ada }\n',
    );
    const findings = await examined('  revoked: revoked.yaml\n  signatures: [{ key: old.pub }, { key: next.pub }]');
    assert.match(about(findings, /^what is revoked$/).detail, /1 of 1 in force$/);
    assert.match(about(findings, /key old\.pub/).detail, /revoked since .* by ada: laptop stolen/);
    assert.equal(about(findings, /key next\.pub/).state, 'well');
  });

  test('a file of what is revoked that is not on this machine is doubtful', async () => {
    const findings = await examined('  revoked: lost.yaml\n  signatures: [{ key: old.pub }]');
    const found = about(findings, /^what is revoked$/);
    assert.equal(found.state, 'doubtful');
    assert.match(found.detail, /lost\.yaml is not on this machine/);
  });

  test('a revocation that concerns no signer is pointed out: it may be mistyped', async () => {
    keyFile('unknown.pub');
    const about = 'since: 2026-11-01T00:00:00Z, why: stolen, by: ada';
    writeFileSync(
      join(folder, 'strangers.yaml'),
      `- { key: unknown.pub, ${about} }
- { vault: "https://v.test/keys/a/2", ${about} }
- { identity: { issuer: https://open.test, subject: s }, ${about} }
- { digest: "sha256:${'a'.repeat(64)}", ${about} }
`,
    );
    const pattern = "{ issuer: https://open.test, subjectPattern: '^s[a-z]$', trustedRoot: root.json }";
    const findings = await examined(`  revoked: strangers.yaml\n  signatures: [{ key: old.pub }, ${pattern}]`);
    const doubts = findings.filter((one) => one.about === 'what is revoked' && one.state === 'doubtful');
    assert.deepEqual(
      doubts.map((one) => /^key (?:sha256:|https:)/.exec(one.detail)?.[0]),
      ['key sha256:', 'key https:'],
    );
    assert.ok(doubts.every((one) => one.detail.endsWith('and no signer has it')));
  });

  test('a root that can verify nothing is unwell', async () => {
    const findings = await examined('  signatures: [{ issuer: https://i.test, subject: s, trustedRoot: root.json }]');
    assert.equal(about(findings, /^signers$/).state, 'unwell');
    assert.match(about(findings, /^signers$/).detail, /config-invalid/);
  });

  test('a key that two signers share, where each must sign, is pointed out', async () => {
    const trust = '  signers: { builder: [{ key: old.pub }], scanner: [{ key: old.pub }] }';
    const shared = await examined(trust, { proofs: '    proofs: { signatures: { all: [builder, scanner] } }' });
    assert.match(about(shared, /^signatures of dev$/).detail, /"builder" and "scanner" have key old\.pub in common/);
    const one = await examined(trust, { proofs: '    proofs: { signatures: { any: [builder, scanner] } }' });
    assert.ok(
      one.every(({ state }) => state === 'well'),
      JSON.stringify(one),
    );
  });
});
