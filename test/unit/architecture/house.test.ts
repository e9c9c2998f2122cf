import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT, filesUnder, read } from './import-walk.ts';
import { literalsOf } from './literals.ts';

const SOURCES = ['src', 'workflows', 'activities', 'local'];
const MEDIAN_LINES = 80;
const MOST_LINES = 400;

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() === true);

function linesOf(path: string): number {
  return read(path).trimEnd().split('\n').length;
}

describe('when the house is measured', () => {
  const sizes = filesUnder(...SOURCES).map((path) => ({ path, lines: linesOf(path) }));

  test(`no source file is longer than ${MOST_LINES} lines`, () => {
    const long = sizes.filter((one) => one.lines > MOST_LINES).map((one) => `${one.path} (${one.lines})`);
    assert.deepEqual(long, []);
  });

  test(`half of the source files have at most ${MEDIAN_LINES} lines`, () => {
    const sorted = sizes.map((one) => one.lines).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    assert.ok(median <= MEDIAN_LINES, `the median is ${median} lines, expected at most ${MEDIAN_LINES}`);
  });
});

describe('when names are read', () => {
  const EMPTY = /(?:^|\/)(?:utils?|helpers?|common|misc|shared|types|interfaces)(?:\/|\.[cm]?[jt]s$)/;

  test('no file or folder is named after a kind of code', () => {
    assert.deepEqual(
      tracked.filter((path) => EMPTY.test(path)),
      [],
    );
  });

  test('that ban would notice src/utils/x.ts, local/helpers.ts and src/cli/types.ts, and not workflows/steps/x.ts', () => {
    const noticed = ['src/utils/x.ts', 'local/helpers.ts', 'src/cli/types.ts', 'workflows/steps/x.ts'].filter((path) =>
      EMPTY.test(path),
    );
    assert.deepEqual(noticed, ['src/utils/x.ts', 'local/helpers.ts', 'src/cli/types.ts']);
  });

  test('files are in kebab case', () => {
    const odd = filesUnder(...SOURCES, 'test', 'bench').filter(
      (path) => !/^(?:[a-z0-9]+(?:[-.][a-z0-9]+)*\/)*[a-z0-9]+(?:[-.][a-z0-9]+)*\.ts$/.test(path),
    );
    assert.deepEqual(odd, []);
  });

  test('no type is called IThing, ThingManager, ThingHelper or ThingUtil', () => {
    const BAD = /\b(?:interface|class|type)\s+(?:I[A-Z][a-z]\w*|\w*(?:Manager|Helper|Utils?))\b/g;
    const odd = filesUnder(...SOURCES, 'test', 'bench').flatMap((path) =>
      (read(path).match(BAD) ?? []).map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(odd, []);
  });
});

describe('when literals are read', () => {
  // `sha256:…` and `sha256:<…>` in a sentence for people are no knowledge; a prefix or a pattern is.
  test('only the domain knows what a digest looks like', () => {
    const found = filesUnder('src').flatMap((path) =>
      path.startsWith('src/domain/')
        ? []
        : literalsOf(path, read(path))
            .filter((one) => /sha256:(?![…<])/.test(one.text))
            .map((one) => `${path}:${one.line} ${one.text}`),
    );
    assert.deepEqual(found, []);
  });

  test('no environment is named outside domain and config: environments are data', () => {
    const NAMES = ['dev', 'development', 'staging', 'production', 'prod'];
    const found = filesUnder('src', 'workflows', 'activities').flatMap((path) =>
      /^src\/(?:domain|config)\//.test(path)
        ? []
        : literalsOf(path, read(path))
            .filter((one) => NAMES.includes(one.text))
            .map((one) => `${path}:${one.line} '${one.text}'`),
    );
    assert.deepEqual(found, []);
  });

  test('a literal in a string, a template and a pattern is seen, a comment is not', () => {
    const code = "// sha256:a\nconst x = 'sha256:b', y = `sha256:${x}c`, z = /sha256:d/;";
    assert.deepEqual(
      literalsOf('x.ts', code).map((one) => one.text),
      ['sha256:b', 'sha256:', 'c', '/sha256:d/'],
    );
  });
});

describe('when the repository is read by a stranger', () => {
  const texts = tracked
    .filter((path) => !/\.(?:png|ico|gz|tgz|tar|bin|db|wasm)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

  test('it names no folder of the machine it was written on', () => {
    const above = dirname(ROOT.replace(/\/$/, ''));
    const places = [`${above}/`, `${homedir()}/`].filter(
      (place) => !['//', '/', '/tmp/', `${tmpdir()}/`].includes(place),
    );
    const found = texts.flatMap(({ path, text }) =>
      places.filter((place) => text.includes(place)).map((place) => `${path}: ${place}`),
    );
    assert.deepEqual(found, []);
  });

  test('its lock file names no download address: whoever installs decides where from', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    const hosts = new Set([...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map((match) => match[1]));
    assert.deepEqual([...hosts], []);
  });
});
