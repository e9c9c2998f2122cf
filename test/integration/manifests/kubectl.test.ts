import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { parseManifests } from '../../../src/manifests/parse.ts';

const run = promisify(execFile);
const kubectl = toolPath('kubectl');
const skip = kubectl !== undefined || process.env['CI'] ? false : 'kubectl is not installed: npm run setup';

const WORDS =
  `y n Y N yes no Yes NO on off ON Off true false TRUE False null Null ~ 0 1 -1 +1 0644 0o644 0x1f 0X1F 0b11 -0b1 1_000
  08 09 0_7 1e3 1E3 1e+3 1e 1.5 .5 5. -.5 1.5e-3 1.2.3 . .. ... e2 E5 -e2 1_0.5 22:22 1:30.5 190:20:30 2026-11-23
  2026-11-23T10:00:00Z 2026-11-23T10:00:00+01:00 5m 100Mi 0.1 250m 1Gi latest v1 sha256:ab 10.0.0.1 1,000 0x 0o8 _1 1_ +
  - == = << .inf2 nan inf infinity 007 00 1__0 0x_1 12e03 -2E+05`
    .split(/\s+/)
    .filter((word) => word !== '-' && word !== '<<');

/** What kubectl makes of the file, without asking any cluster. */
async function asKubectlReads(yaml: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-kubectl-'));
  try {
    const path = join(folder, 'x.yaml');
    await writeFile(path, yaml);
    const args = ['annotate', '--local', '-f', path, 'a=b', '-o', 'json'];
    const { stdout } = await run(kubectl ?? 'kubectl', args, { timeout: 30_000, env: { HOME: folder } });
    return (JSON.parse(stdout) as Record<string, unknown>)['value'];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const head = 'apiVersion: example.test/v1\nkind: X\nmetadata:\n  name: x\nvalue:\n';

/** Sluice refuses whole numbers that JavaScript cannot carry; kubectl passes them on. */
const TOO_LARGE = Symbol('too large');

function asSluiceReads(word: string): unknown {
  const { objects, problems } = parseManifests([{ path: 'x.yaml', bytes: Buffer.from(`${head}  k: ${word}\n`) }]);
  if (problems[0]?.message.includes('too large') === true) return TOO_LARGE;
  assert.deepEqual(problems, [], word);
  return (objects[0]?.object['value'] as Record<string, unknown>)['k'];
}

async function compare(words: readonly string[]): Promise<void> {
  const yaml = head + words.map((word, index) => `  k${index}: ${word}\n`).join('');
  const theirs = (await asKubectlReads(yaml)) as Record<string, unknown>;
  for (const [index, word] of words.entries()) {
    const [their, our] = [theirs[`k${index}`], asSluiceReads(word)];
    if (our === TOO_LARGE)
      assert.ok(Math.abs(Number(their)) > Number.MAX_SAFE_INTEGER || typeof their === 'string', word);
    else assert.deepEqual(our, their, `the word ${word}`);
  }
}

describe('when kubectl and Sluice read the same YAML', { skip }, () => {
  test('plain words are the same values', () => compare(WORDS));

  test('random words of the same letters are the same values', async () => {
    const letters = fc.string({ unit: fc.constantFrom(...'0123456789.eE_xob+-yn:'), minLength: 1, maxLength: 6 });
    const plain = letters.filter((word) => !/:$|^[-:]$/.test(word) && !/^(?:---|\.\.\.)/.test(word));
    await compare(fc.sample(plain, { numRuns: 2000, seed: 20261123 }));
  });

  test('words with a stated tag are the same values', () =>
    compare([
      '!!str 5',
      '!!int "5"',
      '!!float "1.5"',
      '!!float 5',
      '!!str yes',
      '!!bool "yes"',
      "'5'",
      '"yes"',
      '!!str',
    ]));
});
