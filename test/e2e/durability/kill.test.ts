import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { STEPS } from './demanded.ts';
import { travel, type Travelled } from './journeys.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

describe(
  'when workers are killed before and after every activity of two releases',
  { skip, timeout: 40 * 60_000 },
  () => {
    let undisturbed: Travelled;
    let disturbed: Travelled;
    before(async () => {
      undisturbed = await travel('living');
      disturbed = await travel('dying');
    });

    it('the undisturbed ones end as they should: the measure is right', () => {
      assert.deepEqual(undisturbed.outcomes, ['released', 'rolled-back']);
      assert.equal(undisturbed.deaths, 0);
      assert.ok(undisturbed.effects.length > 0);
    });

    it('every activity was killed on both sides', () => {
      const sides = (side: string) =>
        disturbed.boundaries
          .filter((one) => one.startsWith(`${side} `))
          .map((one) => one.replace(`${side} `, ''))
          .sort();
      assert.deepEqual(sides('before'), sides('after'));
      assert.equal(disturbed.deaths, disturbed.boundaries.length);
      for (const activity of STEPS) {
        assert.ok(
          disturbed.boundaries.some((one) => one.includes(` ${activity} `)),
          activity,
        );
      }
    });

    it('the releases end the same', () => assert.deepEqual(disturbed.outcomes, undisturbed.outcomes));

    it('every effect on registries and nodes has happened exactly once', () =>
      assert.deepEqual(disturbed.effects, undisturbed.effects));

    it('whatever happened can be read again by a worker that has not seen it', () =>
      assert.deepEqual([undisturbed.unreadable, disturbed.unreadable], [[], []]));

    it('the same digests run', () => assert.deepEqual(disturbed.running, undisturbed.running));
  },
);
