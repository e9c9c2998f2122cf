/** What the containers of docker-compose.yml do, without containers: the emulator and the API server are other programs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { startEmulator } from '../../../local/acr-emulator/index.ts';
import { startControlPlane } from '../../../local/control-plane/index.ts';
import { describeEmulator, joinWorld, READY_FILE } from '../../../local/stack/compose/join-world.ts';
import { startedParts } from '../../../local/stack/parts.ts';
import { checkout } from '../../../local/tools/place.mjs';
import { toolPath } from '../../../local/tools/tool-path.ts';

const skip =
  toolPath('control-plane') === undefined && !process.env['CI'] && 'control-plane is not installed: npm run setup';

describe('when a world joins parts that run elsewhere', { skip }, () => {
  test('accounts, nodes, configuration and variables are there', { timeout: 180_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-join-'));
    const at = (...names: string[]): string => join(dir, ...names);
    const emulator = await startEmulator({ dir: at('emulator') });
    const plane = await startControlPlane({ binary: toolPath('control-plane') as string, dir: at('plane') });
    const parts = startedParts({ signal: new AbortController().signal, onUp: () => undefined });
    try {
      asK3s(plane.adminKubeconfig, at('cluster'));
      await joinWorld(parts, {
        emulatorDir: at('emulator'),
        emulatorHost: '127.0.0.1',
        clusterDir: at('cluster'),
        temporalAddress: '127.0.0.1:1',
        worldDir: at('world'),
      });
      statSync(at('world', READY_FILE));
      const { registries, resourceManager, identityEndpoint, hosts } = emulator;
      const described = describeEmulator(at('emulator'), '127.0.0.1');
      assert.deepEqual(
        { ...described, caFile: undefined },
        { registries, resourceManager, identityEndpoint, hosts, caFile: undefined },
      );
      const script = `. ${at('world', 'worker-nonproduction.env')} && exec bin/sluice doctor --json`;
      const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd: checkout, timeout: 60_000 }).catch(
        (error: { stdout: string }) => error,
      );
      for (const name of ['dev', 'staging', 'production']) {
        assert.match(stdout, new RegExp(`namespace iam(-${name})? answers`), stdout);
      }
      const config = parse(readFileSync(at('world', 'sluice.yaml'), 'utf8')) as { environments: object };
      assert.deepEqual(Object.keys(config.environments), ['dev', 'staging', 'production']);
      const asGrace = `. ${at('world', 'people', 'grace', 'env')} && exec bin/sluice whoami --json`;
      const who = await promisify(execFile)('sh', ['-c', asGrace], { cwd: checkout, timeout: 60_000 });
      assert.match(who.stdout, /"name": ?"grace",\s*"proof": ?"key"/);
    } finally {
      await parts.stop();
      await plane.stop();
      await emulator.close();
    }
  });
});

/** The two files that the k3s service leaves: a kubeconfig, and a token in another file. */
function asK3s(kubeconfig: string, folder: string): void {
  mkdirSync(folder);
  const given = parse(readFileSync(kubeconfig, 'utf8')) as { users: [{ user: { token: string } }] };
  writeFileSync(join(folder, 'k3s.yaml'), readFileSync(kubeconfig));
  writeFileSync(join(folder, 'tokens.csv'), `${given.users[0].user.token},admin,admin,system:masters\n`);
}
