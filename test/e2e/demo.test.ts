import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createStage } from '../../local/demo/stage.ts';
import { tellStory } from '../../local/demo/story.ts';
import { startStack } from '../../local/stack/start-stack.ts';
import { toolPath } from '../../local/tools/tool-path.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

/** As many as the story has; fewer would mean that a chapter was not told. */
const EXPECTATIONS = 58;

describe('when the story of the demo is told', { skip }, () => {
  for (const cluster of ['real', 'simulated'] as const) {
    test(`every expectation holds on ${cluster} clusters`, { timeout: 600_000 }, async (context) => {
      const stage = createStage((line) => context.diagnostic(line), false);
      const dir = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
      const stack = await startStack({ dir, ports: 'free', cluster, web: true });
      try {
        await tellStory(stack, stage, context.signal);
      } finally {
        await stack.stop();
      }
      assert.deepEqual(
        stage.expectations.filter(({ holds }) => !holds),
        [],
      );
      assert.equal(stage.expectations.length, EXPECTATIONS);
    });
  }
});
