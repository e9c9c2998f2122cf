/** The scripts of pipelines/ and the bodies of its templates, read by shellcheck and held to each other. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { bodiesOf, optionsOf, SCRIPTS, templatesIn } from './templates.ts';

const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith('.sh') && name !== 'lib.sh');
const textOf = (name: string): string => readFileSync(join(SCRIPTS, name), 'utf8');
const bodies = ['azure-pipelines', 'github'].flatMap(templatesIn).flatMap(bodiesOf);
const skip = toolPath('shellcheck') === undefined && !process.env['CI'] && 'shellcheck is not installed: npm run setup';

function shellcheck(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(toolPath('shellcheck') ?? 'shellcheck', [...args], {
    encoding: 'utf8',
    cwd: join(SCRIPTS, '../..'),
  });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

function shellcheckBody(script: string): string {
  const { status, stdout } = spawnSync(toolPath('shellcheck') ?? 'shellcheck', ['--shell=bash', '-'], {
    encoding: 'utf8',
    input: script,
  });
  return status === 0 ? '' : stdout;
}

interface CosignPin {
  readonly version: string;
  readonly release: Readonly<Record<string, { readonly url: string; readonly sha256: string }>>;
}
const OURS = new URL('../../../local/tools/pins.json', import.meta.url);
const { cosign } = JSON.parse(readFileSync(OURS, 'utf8')) as { readonly cosign: CosignPin };

describe('what a pipeline runs', () => {
  test('is clean for shellcheck, scripts and bodies', { skip }, () => {
    assert.equal(shellcheck('-x', ...scripts.map((name) => join('pipelines/scripts', name))), '');
    assert.ok(bodies.length >= 12);
    assert.deepEqual(
      bodies.map(({ script }) => shellcheckBody(script)).filter((one) => one !== ''),
      [],
    );
    assert.match(shellcheckBody('cd $1\n'), /SC2086/);
  });

  test('stops at the first error, and each script says how it is used', () => {
    for (const name of scripts) {
      assert.match(textOf(name), /^set -euo pipefail$/m, name);
      const { status, stdout } = spawnSync(join(SCRIPTS, name), ['--help'], { encoding: 'utf8' });
      assert.deepEqual([status, stdout.startsWith(`${name} `)], [0, true], name);
    }
  });

  test('calls scripts that are there, with options that they know and variables that the step maps', () => {
    let calls = 0;
    for (const { script, env } of bodies) {
      for (const [line, name = ''] of script.matchAll(/^\s*([a-z-]+\.sh)\b.*$/gm)) {
        calls += 1;
        assert.ok(scripts.includes(name), `${name} is not there`);
        const unknown = (line.match(/ --[a-z-]+/g) ?? []).filter((one) => !optionsOf(name).includes(one.trim()));
        assert.deepEqual(unknown, [], name);
      }
      const read = [...script.matchAll(/\$\{?([A-Z_]+)/g)].map(([, name]) => name ?? '');
      const ofTheService = /^(?:AGENT|BUILD|RUNNER|GITHUB)_|^(?:SERVICE|REGISTRY|KEY)$/;
      assert.deepEqual(
        read.filter((name) => !env.includes(name) && !ofTheService.test(name)),
        [],
        script,
      );
    }
    assert.ok(calls >= 20);
  });

  test('gets tools whose version, hash and address are pinned, cosign’s being those of the house', () => {
    const lines = textOf('tools.pins')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(lines.length >= 4);
    for (const line of lines) {
      const [tool = '', version = '', platform = '', hash = '', url = ''] = line.split(' ');
      assert.match(hash, /^[0-9a-f]{64}$/, line);
      assert.ok(url.startsWith('https://') && url.includes(`/v${version}/`) && !url.includes('latest'), line);
      if (tool !== 'cosign') continue;
      const ours = cosign.release[platform];
      assert.deepEqual([version, hash, url], [cosign.version, ours?.sha256, ours?.url]);
    }
  });

  test('names the BuildKit that the tests build with, and it alone', () => {
    const { buildkit } = JSON.parse(readFileSync(OURS, 'utf8')) as { readonly buildkit: { readonly version: string } };
    const module = readFileSync(new URL('../../../local/buildkit/go.mod', import.meta.url), 'utf8');
    const [, image] = /moby\/buildkit:v([\d.]+)@sha256:[0-9a-f]{64}/.exec(textOf('build.sh')) ?? [];
    const [, required] = /github\.com\/moby\/buildkit v([\d.]+)/.exec(module) ?? [];
    assert.deepEqual([image, required], [buildkit.version, buildkit.version]);
  });
});
