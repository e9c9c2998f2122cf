import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { examineRecords } from '../../../src/cli/doctor/records.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { GOOD, read } from '../config/written.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
after(() => rmSync(folder, { recursive: true }));

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What the doctor finds with that private key in the place that the configuration names. */
async function found(key: KeyObject | undefined): Promise<readonly Finding[]> {
  const file = join(folder, 'records.pem');
  rmSync(file, { force: true });
  if (key !== undefined) writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }));
  const config = read(
    GOOD.replace('  dev:\n', `  dev:\n    records: { key: { file: ${file} }, publicKey: keys/cosign.pub }\n`),
  );
  const pem = own.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return examineRecords({ ...config, records: { dev: { file: 'own.pub', pem } } }, 'dev');
}

describe('when the doctor looks at the key of records', () => {
  test('one that signs, with its other half in the configuration, is well', async () => {
    const [finding] = await found(own.privateKey);
    assert.deepEqual([finding?.about, finding?.state], ['records of dev', 'well']);
  });

  test('another key than the public one is to be repaired, and it says how', async () => {
    const [finding] = await found(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    assert.equal(finding?.state, 'unwell');
    assert.match(finding?.detail ?? '', /not the other half.*record-key-unusable/);
    assert.match(finding?.remedy ?? '', /openssl pkey/);
  });

  test('one that is not on this machine is not tried: only workers need it', async () => {
    const [finding] = await found(undefined);
    assert.equal(finding?.state, 'not-tried');
  });

  test('nothing is said of an environment that signs no records', async () => {
    assert.deepEqual(await examineRecords(read(GOOD), 'dev'), []);
  });
});
