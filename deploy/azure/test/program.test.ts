import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('..', import.meta.url));

describe('the program', () => {
  test('is what the types of the Azure API allow', () => {
    const require = createRequire(import.meta.url);
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  test('is run by Pulumi as it is read here: by Node itself, without another compiler', () => {
    const { main, runtime } = parse(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8')) as {
      main: string;
      runtime: { name: string; options: { typescript: boolean } };
    };
    assert.deepEqual(runtime, { name: 'nodejs', options: { typescript: false } });
    assert.ok(existsSync(join(folder, main)));
  });

  test('makes the estate of the file that its configuration names, and says what others must know', () => {
    const script = `
      import * as pulumi from '@pulumi/pulumi';
      import { readyCluster } from './preview.ts';
      pulumi.runtime.setAllConfig({ 'project:x': 'y', 'sluice:parameters': 'parameters/example.yaml' });
      await pulumi.runtime.setMocks({
        newResource: ({ name, inputs }) => ({ id: '/id/' + name, state: { ...inputs, name, clientId: 'client', principalId: 'principal', keyUriWithVersion: 'uri' } }),
        call: ({ token, inputs }) => readyCluster(token, inputs),
      });
      const { environments } = await import('./index.ts');
      pulumi.output(environments).apply((all) => console.log(JSON.stringify(all)));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      encoding: 'utf8',
    });
    const said = JSON.parse(stdout || JSON.stringify(stderr)) as Record<string, { registry: string }>;
    assert.deepEqual(Object.keys(said), ['dev', 'staging', 'production']);
    assert.equal(said['production']?.registry, 'onestreamprod.azurecr.io');
  });
});
