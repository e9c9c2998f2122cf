import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import { COMMON_SIGNATURES } from '../../../src/domain/proof.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { signaturesOf } from '../../../src/wiring/signatures.ts';
import { makeKey, signBundle, someImage } from '../../ports/signatures/signing.ts';
import { registryHolding } from '../../ports/signatures/test-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-wiring-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const NOBODY = { getToken: async () => null };

const key = makeKey();
const image = someImage();
writeFileSync(at('cosign.pub'), key.pem);

async function configured(trust: string): Promise<ReturnType<typeof signaturesOf>> {
  const environment = '{ registry: { acr: a, resourceGroup: r, subscription: s }, cluster: { simulated: true } }';
  writeFileSync(
    at('sluice.yaml'),
    `version: 1\npath: [dev]\nenvironments: { dev: ${environment} }\ntrust:\n${trust}\nservices: { iam: { health: false } }\n`,
  );
  return signaturesOf(await loadConfig(at('sluice.yaml')), NOBODY);
}

function look(signatures: ReturnType<typeof signaturesOf>): Promise<string> {
  const registry = registryHolding(image, signBundle(image.digest, key));
  const reference = { repository: 'iam', digest: image.digest };
  return signatures.verify(registry.reader, reference, COMMON_SIGNATURES).then((verdict) => {
    return verdict.kind === 'untrusted' ? (verdict.found[0]?.because ?? verdict.kind) : verdict.kind;
  });
}

describe('when the file of what is revoked changes while a worker runs', () => {
  const revoke = (text: string): void => writeFileSync(at('revoked.yaml'), text);
  const unreadable = (error: unknown): boolean => {
    assert.ok(error instanceof PortError && error.code === 'revocations-unreadable' && error.retry === 'yes');
    assert.match(error.got ?? '', /revoked\.yaml/);
    return true;
  };

  test('the next verification knows, and one that cannot read it says neither yes nor no', async () => {
    revoke('[]');
    const signatures = await configured('  revoked: revoked.yaml\n  signatures: [{ key: cosign.pub }]');
    assert.equal(await look(signatures), 'verified');
    revoke('- { key: cosign.pub, since: 2026-01-01T00:00:00Z, why: stolen, by: ada }');
    assert.equal(await look(signatures), 'revoked');
    for (const broken of [
      '- { key: cosign.pub',
      '',
      '- { key: lost.pub, since: 2026-01-01T00:00:00Z, why: x, by: y }',
    ]) {
      revoke(broken);
      await assert.rejects(look(signatures), unreadable);
    }
    rmSync(at('revoked.yaml'));
    await assert.rejects(look(signatures), unreadable);
    revoke('[]');
    assert.equal(await look(signatures), 'verified');
  });

  test('with it everything is asked again before manifests are applied; without it nothing is', async () => {
    revoke('[]');
    assert.equal((await configured('  revoked: revoked.yaml\n  signatures: [{ key: cosign.pub }]')).lapses, true);
    assert.equal((await configured('  signatures: [{ key: cosign.pub }]')).lapses, false);
    assert.equal((await configured('  signatures: [{ key: cosign.pub, until: 2090-01-01T00:00:00Z }]')).lapses, true);
  });
});
