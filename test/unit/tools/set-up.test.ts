import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isInstalled } from '../../../local/tools/dependencies.mjs';
import { intoCache, withLock } from '../../../local/tools/into-cache.mjs';
import { controlPlaneKey, folderOf, pins, platform, toolPath, variableOf } from '../../../local/tools/place.mjs';
import { fits, fromPath, isAtLeast } from '../../../local/tools/routes/own.mjs';
import { fromRelease } from '../../../local/tools/routes/release.mjs';

const folder = (): string => mkdtempSync(join(tmpdir(), 'sluice-tools-'));

function program(dir: string, name: string, says: string): string {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
  return path;
}

describe('when a tool is looked for', () => {
  test('a variable wins, and a wrong one is not covered up by the cache', () => {
    const cache = folder();
    const own = program(folder(), 'mine', 'hello');
    const env = { SLUICE_TOOLS: cache };
    program(join(folderOf('cosign', env), 'bin'), 'cosign', 'cached');
    assert.equal(toolPath('cosign', env), join(folderOf('cosign', env), 'bin', 'cosign'));
    assert.equal(toolPath('cosign', { ...env, SLUICE_COSIGN: own }), own);
    assert.equal(toolPath('cosign', { ...env, SLUICE_COSIGN: '/nowhere' }), undefined);
  });

  test('what is not there is undefined, and an unknown name is an error', () => {
    const env = { SLUICE_TOOLS: folder(), PATH: '' };
    for (const tool of ['temporal', 'cosign', 'crane', 'az', 'control-plane', 'kubectl', 'skopeo']) {
      assert.equal(toolPath(tool, env), undefined, tool);
    }
    assert.throws(() => toolPath('nonsense', env), /pins\.json/);
  });

  test('a file that cannot be executed and a folder are no tools', () => {
    const env = { SLUICE_TOOLS: folder() };
    const bin = join(folderOf('crane', env), 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'crane'), 'text', { mode: 0o644 });
    assert.equal(toolPath('crane', env), undefined);
    mkdirSync(join(folderOf('temporal', env), 'bin', 'temporal'), { recursive: true });
    assert.equal(toolPath('temporal', env), undefined);
  });

  test('versions and platforms do not share a folder, the control plane is named by its sources', () => {
    const env = { SLUICE_TOOLS: '/cache' };
    assert.equal(folderOf('cosign', env), `/cache/cosign/${pins['cosign']?.version}-${platform}`);
    assert.equal(folderOf('kubectl', env), folderOf('control-plane', env));
    assert.equal(variableOf('temporal-test-server'), 'SLUICE_TEMPORAL_TEST_SERVER');
    const sources = folder();
    writeFileSync(join(sources, 'main.go'), 'package main');
    const before = controlPlaneKey(sources);
    writeFileSync(join(sources, 'README.md'), 'not a source');
    assert.equal(controlPlaneKey(sources), before);
    writeFileSync(join(sources, 'main.go'), 'package other');
    assert.notEqual(controlPlaneKey(sources), before);
  });
});

describe('when a program on PATH might fit', () => {
  const table: readonly (readonly [string | undefined, string, boolean])[] = [
    ['1.9.1', '1.9.1', true],
    ['1.9.2', '1.9.1', true],
    ['1.10.0', '1.9.1', true],
    ['1.9.0', '1.9.1', false],
    ['1.8.9', '1.9.1', false],
    ['2.0.0', '1.9.1', false],
    ['0.22.1', '1.9.1', false],
    [undefined, '1.9.1', false],
  ];
  for (const [got, wanted, expected] of table) {
    test(`${got} ${expected ? 'is' : 'is not'} good enough for ${wanted}`, () =>
      assert.equal(isAtLeast(got, wanted), expected));
  }

  test('it is asked for its version; a silent or a broken one does not fit', async () => {
    const pin = { version: '1.9.1', versionArguments: ['--version'] };
    const dir = folder();
    assert.equal(await fits(program(dir, 'good', 'tool version 1.9.3 (built today)'), pin), true);
    assert.equal(await fits(program(dir, 'old', 'tool version 1.2.3'), pin), false);
    assert.equal(await fits(program(dir, 'silent', ''), pin), false);
    assert.equal(await fits(join(dir, 'absent'), pin), false);
  });

  test('the cache gets a link to it, and nothing when no version can be asked for', async () => {
    const draft = folder();
    mkdirSync(join(draft, 'bin'));
    const dir = folder();
    const path = program(dir, 'tool', '1.9.1');
    const env = { PATH: dir };
    assert.match(
      (await fromPath('tool', { version: '1.9.1', versionArguments: [] }, draft, env)) ?? '',
      /found on PATH/,
    );
    assert.equal(realpathSync(join(draft, 'bin', 'tool')), realpathSync(path));
    assert.equal(await fromPath('tool', { version: '1.9.1' }, draft, env), undefined);
    assert.equal(await fromPath('other', { version: '1.9.1', versionArguments: [] }, draft, env), undefined);
  });
});

describe('when a release is downloaded', () => {
  const content = 'a program';
  const sha256 = createHash('sha256').update(content).digest('hex');

  async function served<T>(use: (url: string) => Promise<T>): Promise<T> {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/tool' ? 200 : 404).end(request.url === '/tool' ? content : 'no');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return await use(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  function draft(): string {
    const dir = folder();
    mkdirSync(join(dir, 'bin'));
    return dir;
  }

  test('the pinned SHA-256 lets it in', () =>
    served(async (url) => {
      const dir = draft();
      const how = await fromRelease('tool', { release: { [platform]: { url: `${url}/tool`, sha256 } } }, dir);
      assert.match(how ?? '', /SHA-256 checked/);
      assert.equal(readFileSync(join(dir, 'bin', 'tool'), 'utf8'), content);
    }));

  test('other content is an error and leaves no program', () =>
    served(async (url) => {
      const dir = draft();
      const pin = { release: { [platform]: { url: `${url}/tool`, sha256: '0'.repeat(64) } } };
      await assert.rejects(fromRelease('tool', pin, dir), /expected SHA-256 0{64}, got/);
      assert.deepEqual(readdirSync(join(dir, 'bin')), []);
    }));

  test('what is not there, cannot be reached, or is not pinned is left to the next route', () =>
    served(async (url) => {
      const at = (address: string) => ({ release: { [platform]: { url: address, sha256 } } });
      assert.equal(await fromRelease('tool', at(`${url}/gone`), draft()), undefined);
      assert.equal(await fromRelease('tool', at('http://127.0.0.1:1/tool'), draft()), undefined);
      assert.equal(await fromRelease('tool', { release: {} }, draft()), undefined);
      assert.equal(await fromRelease('tool', {}, draft()), undefined);
    }));
});

describe('when something is put into the cache', () => {
  test('it appears whole or not at all', async () => {
    const target = join(folder(), 'tool', '1-here');
    const make = async (draft: string): Promise<void> => {
      writeFileSync(join(draft, 'bin', 'half'), '');
      throw new Error('the network went away');
    };
    await assert.rejects(
      intoCache(target, () => existsSync(target), make),
      /network/,
    );
    assert.equal(existsSync(target), false);
    assert.deepEqual(readdirSync(join(target, '..')), []);
  });

  test('two at once make it once', async () => {
    const target = join(folder(), 'tool', '1-here');
    let made = 0;
    const make = async (draft: string): Promise<void> => {
      made += 1;
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(join(draft, 'bin', 'tool'), '');
    };
    const others = await Promise.all([1, 2, 3].map(() => intoCache(target, () => existsSync(target), make)));
    assert.equal(made, 1);
    assert.deepEqual(others.toSorted(), [false, true, true]);
    assert.deepEqual(readdirSync(join(target, 'bin')), ['tool']);
  });

  test('the lock of a set-up that died is taken over, and its draft is cleared away', async () => {
    const target = join(folder(), 'tool', '1-here');
    mkdirSync(join(target, '..', '.1-here.draft', 'bin'), { recursive: true });
    writeFileSync(join(target, '..', '.1-here.draft', 'bin', 'rubbish'), '');
    writeFileSync(`${target}.lock`, '999999999\n');
    await intoCache(
      target,
      () => existsSync(target),
      async (draft) => writeFileSync(join(draft, 'bin', 'tool'), ''),
    );
    assert.deepEqual(readdirSync(join(target, '..')), ['1-here']);
    assert.deepEqual(readdirSync(join(target, 'bin')), ['tool']);
  });

  test('the lock is free again after a failure', async () => {
    const file = join(folder(), 'lock');
    await assert.rejects(
      withLock(file, undefined, async () => {
        throw new Error('no');
      }),
    );
    assert.equal(await withLock(file, undefined, async () => 'yes'), 'yes');
  });
});

describe('when dependencies are looked at', () => {
  function checkout(lock: object, record?: object): string {
    const dir = folder();
    writeFileSync(join(dir, 'package-lock.json'), JSON.stringify({ packages: lock }));
    if (record !== undefined) {
      mkdirSync(join(dir, 'node_modules'));
      writeFileSync(join(dir, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: record }));
    }
    return dir;
  }
  const lock = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };
  const a = { version: '1.0.0' };
  const cases: readonly (readonly [string, object | undefined, boolean])[] = [
    ['nothing is installed', undefined, false],
    ['everything is installed', { 'node_modules/a': a, 'node_modules/b': { version: '2.0.0' } }, true],
    ['an optional package is of another platform', { 'node_modules/a': a }, true],
    ['a package is missing', { 'node_modules/b': { version: '2.0.0' } }, false],
    ['a package is of another version', { 'node_modules/a': { version: '1.0.1' } }, false],
    [
      'an optional package is of another version',
      { 'node_modules/a': a, 'node_modules/b': { version: '2.0.1' } },
      false,
    ],
  ];
  for (const [what, record, expected] of cases) {
    test(`${what}: ${expected ? 'in place' : 'to be installed'}`, () =>
      assert.equal(isInstalled(checkout(lock, record)), expected));
  }
});
