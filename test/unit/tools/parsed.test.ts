/** What the local programs say to a wrong call. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkout } from '../../../local/tools/place.mjs';

describe('when a local program is called wrongly', () => {
  for (const program of ['local/stack/main.ts', 'local/acr-emulator/main.ts']) {
    test(`${program} says which option is none, and its usage`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, program), '--frob']);
      assert.equal(status, 2);
      assert.equal(String(stdout), '');
      assert.match(String(stderr), /^error: Unknown option '--frob'[^\n]*\n\nUsage: npm run /);
    });
  }

  test('a port that is taken is said in one line', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-emulator-'));
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const args = [join(checkout, 'local/acr-emulator/main.ts'), '--port-base', String(port), '--dir', dir];
    const ran = await new Promise<{ code: unknown; err: string }>((resolve) => {
      execFile(process.execPath, args, (error, _, err) => resolve({ code: error?.code, err }));
    });
    server.close();
    rmSync(dir, { recursive: true });
    assert.equal(ran.code, 1);
    assert.match(ran.err, new RegExp(`^[^\\n]*127\\.0\\.0\\.1:${port}[^\\n]*take other ports\\n$`));
  });
});
