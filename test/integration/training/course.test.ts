/** The exercises of the course, typed as they stand, one after the other, on a local stack: what a trainee is promised to see is there. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EXAMPLES } from '../../../examples/images.ts';
import { environmentFile } from '../../../local/stack/environment-files.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { assertSeen, type Block, blocksIn, type Typed, typeInto } from '../../support/typed-blocks.ts';

const skip = toolPath('temporal') === undefined && !process.env['CI'] && 'temporal is not installed: npm run setup';
const ROOT = new URL('../../../', import.meta.url);

/** Fenced blocks in the order of the page. */
const exercises = (): readonly Block[] => blocksIn(readFileSync(new URL('docs/training/README.md', ROOT), 'utf8'));

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

  function type(commands: string): Promise<Typed> {
    const script = `set -e\nsource ${environmentFile(stack)}\n${commands.replaceAll('.sluice/stack', stack.dir)}`;
    return typeInto({ env: { PATH: process.env['PATH'] ?? '', HOME: stack.dir } }, script);
  }

  const all = exercises();
  for (const block of all) {
    test(`${block.part}: ${block.commands.trim().split('\n')[0]}`, async () => {
      assertSeen(block, await type(block.commands));
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
