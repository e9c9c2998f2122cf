/** The exercises of the course, typed as they stand, one after the other, on a local stack: what a trainee is promised to see is there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EXAMPLES } from '../../../examples/images.ts';
import { environmentFile } from '../../../local/stack/environment-files.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';
const ROOT = new URL('../../../', import.meta.url);

interface Exercise {
  readonly part: string;
  readonly commands: string;
  readonly exit: number;
  readonly says: string;
}

/** Fenced blocks in the order of the page, with what stands before each as a comment. */
function exercises(): readonly Exercise[] {
  const text = readFileSync(new URL('docs/training/README.md', ROOT), 'utf8');
  const block = /((?:<!-- (?:exit|says): .* -->\s+)*)```sh\n([\s\S]*?)```/g;
  return text.split(/^## /m).flatMap((section) =>
    [...section.matchAll(block)].map(([, notes = '', commands = '']) => ({
      part: section.split('\n')[0] ?? '',
      commands,
      exit: Number(/exit: (\d+)/.exec(notes)?.[1] ?? 0),
      says: /says: (.*) -->/.exec(notes)?.[1] ?? '',
    })),
  );
}

describe('the course', { skip }, () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({
      dir: mkdtempSync(join(tmpdir(), 'sluice-course-')),
      ports: 'free',
      cluster: 'simulated',
    });
    for (const name of EXAMPLES) await stack.push(name);
  });
  after(() => stack?.stop());

  function type(commands: string): Promise<{ readonly code: number; readonly out: string }> {
    const script = `set -e\nsource ${environmentFile(stack)}\n${commands.replaceAll('.sluice/stack', stack.dir)}`;
    const env = { PATH: process.env['PATH'] ?? '', HOME: stack.dir };
    return new Promise((resolve) => {
      execFile('bash', ['-c', script], { env, timeout: 300_000, maxBuffer: 16_777_216 }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out: out + err }),
      );
    });
  }

  const all = exercises();
  for (const { part, commands, exit, says } of all) {
    test(`${part}: ${commands.trim().split('\n')[0]}`, async () => {
      const { code, out } = await type(commands);
      assert.equal(code, exit, out);
      assert.ok(out.includes(says), `"${says}" is nowhere in\n${out}`);
    });
  }

  test('has an exercise in each of its parts', () => {
    for (const number of [1, 2, 3, 4, 5, 6])
      assert.ok(
        all.some(({ part }) => part.startsWith(`${number}. `)),
        `part ${number}`,
      );
  });
});
