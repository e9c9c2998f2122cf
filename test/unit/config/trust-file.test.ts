import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { ConfigError } from '../../../src/config/config-error.ts';
import { readTrustFile, type TrustFile } from '../../../src/config/trust-file.ts';
import { PUBLIC_KEY } from './written.ts';

const ed25519 = (): string =>
  generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();
const FILES: Readonly<Record<string, string>> = {
  '/trust/signer.pub': PUBLIC_KEY,
  '/trust/grace.pub': ed25519(),
  '/trust/production.pub': ed25519(),
  '/trust/private.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  '/trust/keys.json': '{"keys":[{"kty":"EC"}]}',
  '/trust/no-keys.json': '{}',
  '/trust/revoked.yaml': '- { key: signer.pub, since: 2026-11-01T00:00:00Z, why: lost, by: ada }\n',
};

function read(text: string): TrustFile {
  return readTrustFile('/trust/trust.yaml', (file) => {
    const found = file === '/trust/trust.yaml' ? text : FILES[file];
    if (found === undefined) throw Object.assign(new Error(`no ${file}`), { code: 'ENOENT' });
    return found;
  });
}

function problemsOf(text: string): readonly string[] {
  try {
    read(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ where, message }) => `${where}: ${message}`);
  }
}

const GOOD = `version: 1
trust:
  signatures: [{ key: signer.pub }]
  signers: { scanner: [{ key: signer.pub, from: 2026-01-01T00:00:00Z }] }
  revoked: revoked.yaml
  approvers: { release-managers: [{ name: grace, key: grace.pub }] }
  identity: { issuer: "https://login.example.test", clientId: sluice, groups: { release-managers: id }, keys: keys.json }
environments:
  production:
    proofs: { signatures: { all: [signatures, scanner] }, manifests: { any: [scanner] }, sbom: { by: [scanner], formats: [spdx] } }
    approvals: [{ required: 2, from: [release-managers] }]
    records: { publicKey: production.pub }
`;

describe('when a trust file is read', () => {
  test('it says whose word counts, in the words of sluice.yaml', () => {
    const { signers, revocations, approvers, issuerKeys, environments } = read(GOOD);
    assert.deepEqual(Object.keys(signers), ['signatures', 'scanner']);
    assert.equal(revocations.length, 1);
    assert.equal(approvers.kind === 'proven' && approvers.people[0]?.name, 'grace');
    assert.deepEqual(issuerKeys, { keys: [{ kty: 'EC' }] });
    assert.deepEqual(environments['production']?.signatures, { need: 'all', of: ['signatures', 'scanner'] });
    assert.deepEqual(environments['production']?.manifests, { need: 'any', of: ['scanner'] });
    assert.deepEqual(environments['production']?.statements, { sbom: { by: ['scanner'], formats: ['spdx'] } });
    assert.equal(environments['production']?.approval?.required, 2);
    assert.equal(environments['production']?.recordKey?.pem, FILES['/trust/production.pub']);
  });

  test('an environment of which nothing is written needs any of the common signers, and no record', () => {
    const { environments } = read(
      'version: 1\ntrust: { signatures: [{ key: signer.pub }], approvers: unproven }\nenvironments: { dev: {} }\n',
    );
    assert.deepEqual(environments, { dev: { signatures: { need: 'any', of: ['signatures'] }, statements: {} } });
  });

  test('every mistake is told at once, each with its line', () => {
    const text = GOOD.replace('signer.pub }]\n  signers', 'private.pem }]\n  signers')
      .replace('keys.json', 'no-keys.json')
      .replace('grace.pub', 'nobody.pub')
      .replace('production.pub', 'absent.pub');
    const problems = problemsOf(text);
    assert.match(problems.join('\n'), /trust\.yaml:3:\d+ trust\.signatures\[0\]\.key: .*private key/);
    assert.match(problems.join('\n'), /trust\.approvers.*no such file/);
    assert.match(problems.join('\n'), /trust\.identity\.keys: .*no JWK set/);
    assert.match(problems.join('\n'), /environments\.production\.records\.publicKey: .*no such file/);
  });

  test('what would have to ask somebody else is refused: evidence is looked at without a network', () => {
    const vault = '{ vault: "https://v.vault.azure.net/keys/cosign/1" }';
    assert.match(problemsOf(GOOD.replace('{ key: signer.pub }', vault)).join(), /no vault is asked/);
    const notation = '{ notation: { trustPolicy: policy.json, trustStore: store } }';
    const problems = problemsOf(GOOD.replace('{ key: signer.pub }', notation));
    assert.match(problems.join(), /Notary Project cannot be verified/);
    assert.equal(problems.length, 1, problems.join('\n'));
  });

  test('a file that is not there, or is no YAML, is told as that', () => {
    assert.throws(() => readTrustFile('/trust/absent.yaml', () => assert.fail()), { code: 'config-missing' });
    assert.match(problemsOf('trust: [').join(), /trust\.yaml:/);
    assert.match(problemsOf('version: 2\ntrust: {}').join(), /version/);
  });
});
