import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { comparedWith } from '../../../src/figures/baseline.ts';
import { FIGURES, type FigureName, figuresOf } from '../../../src/figures/figures.ts';
import { median } from '../../../src/figures/numbers.ts';
import { type LeftStep, stepsIn } from '../../../src/figures/run-of.ts';
import type { Build, Run, RunSteps } from '../../../src/figures/runs.ts';
import { targetsIn } from '../../../src/figures/targets.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const PERIOD = { since: 100 * DAY, until: 110 * DAY };
const STEPS: RunSteps = { workMs: MINUTE, isSigned: true, isByDigest: true };

/** A promotion of ten minutes that ended well in production on the hundredth day. */
function run(fields: Partial<Run> = {}): Run {
  const startedAt = fields.startedAt ?? 100 * DAY;
  return {
    ...{ service: 'iam', version: '1', environment: 'production', isRollback: false, outcome: 'released' },
    ...{ startedAt, endedAt: startedAt + 10 * MINUTE, steps: STEPS },
    ...fields,
  };
}

function figures(runs: readonly Run[], builds: readonly Build[] = []) {
  const all = figuresOf({ runs, builds }, PERIOD, () => 'production');
  return (name: FigureName) => all.find((one) => one.name === name);
}

describe('when figures are computed from runs', () => {
  const rolledBack = run({
    version: '2',
    outcome: 'rolled-back',
    steps: { ...STEPS, changedAt: 100 * DAY + 4 * MINUTE },
  });
  const later = run({ version: '2', startedAt: 101 * DAY });
  const back = run({ version: '1', isRollback: true, startedAt: 102 * DAY });
  const build: Build = {
    service: 'iam',
    version: '1',
    startedAt: 100 * DAY,
    committedAt: 99 * DAY,
    tookMs: 27 * MINUTE,
  };
  const cases: readonly (readonly [string, FigureName, readonly Run[], readonly Build[], number | string, number])[] = [
    [
      'the middle of how long promotions took, everywhere',
      'promotion-time',
      [run(), run({ environment: 'dev', endedAt: 100 * DAY + 20 * MINUTE })],
      [],
      15 * MINUTE,
      2,
    ],
    [
      'a promotion that was refused takes no time',
      'promotion-time',
      [run({ outcome: 'refused' })],
      [],
      'no promotion has ended well',
      0,
    ],
    [
      'what ended before the period does not count',
      'promotion-time',
      [run({ startedAt: 99 * DAY })],
      [],
      'no promotion has ended well',
      0,
    ],
    [
      'what ends at the end of it counts in the next one',
      'promotion-time',
      [run({ endedAt: PERIOD.until })],
      [],
      'no promotion has ended well',
      0,
    ],
    ['work is what its steps took', 'promotion-work', [run()], [], MINUTE, 1],
    [
      'work of a forgotten history is not known',
      'promotion-work',
      [forgotten()],
      [],
      'the engine has forgotten the histories',
      0,
    ],
    ['builds count when somebody reported them', 'build-time', [], [build], 27 * MINUTE, 1],
    [
      'a build that nobody reported is not measured',
      'build-time',
      [run()],
      [],
      'not measured: no release was started with --build-took',
      0,
    ],
    [
      'a refusal and a roll-back are failures',
      'failure-rate',
      [run(), rolledBack, run({ outcome: 'refused', refusal: 'signature-missing' }), run()],
      [],
      0.5,
      4,
    ],
    ['what failed without an outcome is a failure', 'failure-rate', [without()], [], 1, 1],
    [
      "people's no, an abort and a newer version are none",
      'failure-rate',
      [
        run(),
        run({ outcome: 'refused', refusal: 'approval-rejected' }),
        run({ outcome: 'aborted' }),
        run({ outcome: 'superseded' }),
      ],
      [],
      0,
      1,
    ],
    [
      'signed counts where deployments count',
      'signed-images',
      [
        run(),
        run({ steps: { ...STEPS, isSigned: false } }),
        run({ environment: 'dev', steps: { ...STEPS, isSigned: false } }),
      ],
      [],
      0.5,
      2,
    ],
    [
      'the digest counts everywhere',
      'digest-references',
      [run(), run({ environment: 'dev', steps: { ...STEPS, isByDigest: false } })],
      [],
      0.5,
      2,
    ],
    [
      'how often, by the days of the period',
      'deployment-frequency',
      [run(), run({ environment: 'dev' }), later, back],
      [],
      0.2,
      2,
    ],
    ['nothing was deployed: never', 'deployment-frequency', [], [], 0, 0],
    ['from the commit until it ran well', 'lead-time', [run()], [build], DAY + 10 * MINUTE, 1],
    [
      'a commit that nobody named leaves it unknown',
      'lead-time',
      [run()],
      [],
      'not known: no release was started with --committed-at',
      0,
    ],
    ['undone at once is a failed change', 'change-failure-rate', [run(), rolledBack], [], 0.5, 2],
    ['taken away later is one as well', 'change-failure-rate', [run(), later, back], [], 0.5, 2],
    [
      'taken away twice is one',
      'change-failure-rate',
      [run(), later, back, run({ version: '1', isRollback: true, startedAt: 103 * DAY })],
      [],
      0.5,
      2,
    ],
    [
      'rehearsed, it has failed nobody',
      'change-failure-rate',
      [run(), later, { ...back, isRehearsal: true }],
      [],
      0,
      2,
    ],
    [
      'a rehearsal has restored nothing',
      'time-to-restore',
      [run(), { ...back, isRehearsal: true }],
      [],
      'nothing had to be restored',
      0,
    ],
    [
      'a roll-back that failed has taken nothing away',
      'change-failure-rate',
      [run(), later, { ...back, outcome: 'refused' }],
      [],
      0,
      2,
    ],
    [
      'what was refused before the cluster was touched is no change',
      'change-failure-rate',
      [run(), run({ outcome: 'refused' })],
      [],
      0,
      1,
    ],
    [
      'what was aborted after the cluster was touched is one that failed',
      'change-failure-rate',
      [run(), run({ outcome: 'aborted', steps: { ...STEPS, changedAt: 100 * DAY } })],
      [],
      0.5,
      2,
    ],
    [
      'elsewhere nothing is deployed',
      'change-failure-rate',
      [run({ environment: 'dev' })],
      [],
      'nothing was deployed',
      0,
    ],
    ['from the first change until it ran well again', 'time-to-restore', [rolledBack], [], 6 * MINUTE, 1],
    ['from the wish to go back until it was back', 'time-to-restore', [run(), later, back], [], 10 * MINUTE, 1],
    ['nothing failed', 'time-to-restore', [run()], [], 'nothing had to be restored', 0],
  ];
  for (const [what, name, runs, builds, expected, count] of cases) {
    test(`${name}: ${what}`, () => {
      const found = figures(runs, builds)(name);
      assert.equal(typeof expected === 'number' ? found?.value : found?.because, expected);
      assert.equal(found?.runs, count);
    });
  }

  test('every figure is there, with a value or with the reason why there is none', () => {
    const all = figuresOf({ runs: [], builds: [] }, PERIOD, () => undefined);
    assert.deepEqual(
      all.map(({ name }) => name),
      FIGURES,
    );
    for (const { value, because } of all) assert.notEqual(value === undefined, because === undefined);
  });

  test('a share is one, whatever was run, and no time is below nothing', () => {
    const outcome = fc.constantFrom('released', 'refused', 'rolled-back', 'aborted', 'superseded', undefined);
    const any = fc.record({
      outcome,
      day: fc.integer({ min: 98, max: 112 }),
      isRollback: fc.boolean(),
      dev: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (drawn) => {
        const runs = drawn.map(({ outcome: kind, day, isRollback, dev }, index): Run => {
          const { outcome: _, ...rest } = run({ version: `${index}`, startedAt: day * DAY, isRollback });
          const place = { environment: dev ? 'dev' : 'production' };
          return { ...rest, ...place, ...(kind === undefined ? {} : { outcome: kind }) };
        });
        for (const { value, unit } of figuresOf({ runs, builds: [] }, PERIOD, () => 'production')) {
          if (value === undefined) continue;
          assert.ok(value >= 0 && (unit !== 'share' || value <= 1));
        }
      }),
    );
  });
});

function forgotten(): Run {
  const { steps: _, ...rest } = run();
  return rest;
}

function without(): Run {
  const { outcome: _, ...rest } = run();
  return rest;
}

describe('when the steps of a promotion are read', () => {
  const step = (name: LeftStep['step'], minutes: number, facts?: LeftStep['facts'], state = 'done'): LeftStep => ({
    ...{ step: name, state, startedAt: new Date(0).toISOString(), endedAt: new Date(minutes * MINUTE).toISOString() },
    ...(facts === undefined ? {} : { facts }),
  });

  test('waits are no work', () => {
    const { workMs } = stepsIn(
      [step('plan', 1), step('gates', 50), step('approval', 90), step('lease', 5), step('import', 2)],
      undefined,
    );
    assert.equal(workMs, 3 * MINUTE);
  });

  test('signed is what left a signature where it runs', () => {
    const signature = { signature: 'sha256:1' };
    const of = (...steps: readonly LeftStep[]): boolean => stepsIn(steps, undefined).isSigned;
    assert.equal(of(step('verify-source', 1, signature), step('verify-destination', 1, signature)), true);
    assert.equal(of(step('verify-source', 1, signature), step('verify-destination', 1, {}, 'skipped')), true);
    assert.equal(of(step('verify-source', 1, signature), step('verify-destination', 1, {})), false);
    assert.equal(of(step('verify-source', 1, {})), false);
    assert.equal(of(), false);
  });

  test('by digest is what was seen running by the digest of the plan', () => {
    const of = (seen: string, planned?: string): boolean =>
      stepsIn([step('prove-running', 1, { digest: seen })], planned).isByDigest;
    assert.deepEqual([of('sha256:1', 'sha256:1'), of('sha256:1', 'sha256:2'), of('sha256:1')], [true, false, false]);
  });

  test('the cluster was changed when the manifests were applied, also where that was undone', () => {
    assert.equal(stepsIn([step('apply-manifests', 1, {}, 'undone')], undefined).changedAt, 0);
    assert.equal(stepsIn([{ step: 'apply-manifests', state: 'pending' }], undefined).changedAt, undefined);
  });
});

describe('when nobody says where deployments count', () => {
  test('it is the end of the longest journey, the newest of those of the same length', () => {
    const leg = (version: string, environment: string, at: number): Run => run({ version, environment, startedAt: at });
    const runs = [
      ...[leg('1', 'dev', 1), leg('1', 'old', 2), leg('2', 'dev', 3), leg('2', 'live', 4), leg('3', 'dev', 9)],
      ...[run({ service: 'billing', environment: 'dev' }), run({ service: 'other', outcome: 'refused' })],
    ];
    assert.deepEqual(
      [...targetsIn(runs)],
      [
        ['iam', 'live'],
        ['billing', 'dev'],
      ],
    );
  });
});

describe('when figures are compared with those of before', () => {
  const figure = (name: FigureName, value?: number) =>
    ({ name, unit: 'ms', runs: 1, ...(value === undefined ? {} : { value }) }) as const;
  test('less time is better, more deployments are', () => {
    assert.deepEqual(comparedWith({ 'promotion-time': 20 }, figure('promotion-time', 4)), {
      was: 20,
      change: -0.8,
      verdict: 'better',
    });
    assert.equal(comparedWith({ 'deployment-frequency': 2 }, figure('deployment-frequency', 1))?.verdict, 'worse');
    assert.equal(comparedWith({ 'signed-images': 0.5 }, figure('signed-images', 1))?.verdict, 'better');
    assert.deepEqual(comparedWith({ 'failure-rate': 0 }, figure('failure-rate', 0)), { was: 0, verdict: 'same' });
    assert.equal(comparedWith({ 'lead-time': 1 }, figure('lead-time'))?.verdict, 'unknown');
    assert.equal(comparedWith({}, figure('lead-time', 1)), undefined);
  });
});

test('the median is one of them or between two of them', () => {
  assert.deepEqual([median([]), median([3]), median([9, 1, 2]), median([4, 1])], [undefined, 3, 2, 2.5]);
});
