import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { currentUser, userWithoutLogin } from '../../../src/config/load.ts';
import { writeLogin } from '../../../src/config/login-file.ts';

const before = { SLUICE_USER: process.env['SLUICE_USER'], SLUICE_LOGIN: process.env['SLUICE_LOGIN'] };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-user-'));
  process.env['SLUICE_LOGIN'] = join(folder, 'login.json');
  delete process.env['SLUICE_USER'];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const IDENTITY = {
  kind: 'identity',
  subject: 'ada@example.test',
  issuer: 'https://issuer.example.test',
  privateKey: 'made for this login',
  idToken: 'of this login',
  expiresAt: '2026-11-23T12:00:00Z',
} as const;

describe('the name under which somebody acts', () => {
  test('is that of the operating system where nobody is logged in', async () =>
    assert.equal(await currentUser(), userInfo().username));

  test('is the one under which they answer, also when the login is over', async () => {
    writeLogin(IDENTITY);
    assert.equal(await currentUser(), 'ada@example.test');
    writeLogin({ kind: 'key', subject: 'ada', keyFile: '/nowhere/ada.pem' });
    assert.equal(await currentUser(), 'ada');
  });

  test('is what SLUICE_USER says before anything else', async () => {
    writeLogin(IDENTITY);
    process.env['SLUICE_USER'] = ' build-pipeline ';
    assert.equal(await currentUser(), 'build-pipeline');
  });

  test('is not guessed where the login cannot be read, unless it is stated', async () => {
    writeFileSync(join(folder, 'login.json'), '{"kind":"magic"}');
    await assert.rejects(currentUser(), { code: 'config-invalid', message: /log in anew/ });
    assert.equal(userWithoutLogin(), userInfo().username);
    process.env['SLUICE_USER'] = 'ada';
    assert.equal(await currentUser(), 'ada');
  });
});
