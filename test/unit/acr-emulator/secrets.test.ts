import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSecrets } from '../../../local/acr-emulator/data-folder.ts';
import type { World } from '../../../local/acr-emulator/world.ts';

test('no secret begins with a dash, which the command lines of others take for an option', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-secrets-'));
  context.after(() => rmSync(dir, { recursive: true }));
  // of random base64 one in 64 begins with one
  const identities = Array.from({ length: 1_000 }, (_, nth) => ({ name: `identity-${nth}` }));
  const { clients } = await openSecrets(dir, { hosts: {}, identities } as unknown as World);
  assert.equal(Object.keys(clients).length, 1_000);
  for (const secret of Object.values(clients)) assert.match(secret, /^[0-9a-f]{48}$/);
});
