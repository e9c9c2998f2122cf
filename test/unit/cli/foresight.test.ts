import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foresightOf } from '../../../src/cli/foresight.ts';
import { renderForesight } from '../../../src/cli/render/foresight.ts';
import { formatMoment } from '../../../src/cli/render/time.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { neverOpened } from '../../../src/client/desks.ts';
import type { EnvironmentStatus } from '../../../src/contract/environment-workflow.ts';
import type { PromotionRecord } from '../../../src/contract/plan.ts';
import type { ForecastResult } from '../../../src/contract/release-workflow.ts';
import { NO_BASELINE, planned } from '../../support/scripted-activities.ts';
import { DIGEST, PLAN } from '../client/views.ts';
import { GOOD, read } from '../config/written.ts';

const GATES =
  'gates: [{ soak: { in: dev, for: 30m } }, { freeze: { calendar: freezes.ics, zone: Europe/Berlin } }, { ticket: { pattern: "OPS-[0-9]+" } }]';
const config = read(GOOD.replace('lockImages: true', GATES));
const wish = { service: 'iam', version: '2026.11.3', ticket: 'OPS-1' };
const start = { at: new Date('2026-12-23T22:50:00Z'), requestedBy: 'ada', digest: DIGEST, desks: [] };

type Promotion = ForecastResult['promotions'][number];

function promotion(
  environment: string,
  baseline = NO_BASELINE,
  policyVersion = config.rulebook.policyVersion,
): Promotion {
  const request = {
    ...{ service: 'iam', version: '2026.11.3', environment, source: 'dev' },
    ...{ image: { repository: 'iam', digest: DIGEST }, manifests: PLAN, manifestsPublished: false },
  };
  const answer = planned(request);
  return { environment, answer: { ...answer, plan: { ...answer.plan, policyVersion }, baseline } };
}

const ran: PromotionRecord = {
  ...{ format: 1, service: 'iam', version: '2026.11.3', image: { repository: 'iam', digest: DIGEST }, manifests: PLAN },
  ...{ objects: [], since: '2026-12-23T22:00:00.000Z', workflowId: 'w', approvedBy: [], requestedBy: 'ada' },
};

describe('when a plan looks ahead', () => {
  test('soak, freeze and people add up, in the zone of the machine', () => {
    const seen = foresightOf(config, wish, { promotions: [promotion('dev'), promotion('production')] }, start);
    const moment = formatMoment('2026-12-26T23:00:00.000Z');
    assert.deepEqual(renderForesight(seen, plain).split('\n'), [
      `earliest times  if it started ${formatMoment('2026-12-23T22:50:00.000Z')}, with steps that take no time`,
      '  dev         at once',
      `  production  not before ${moment}, 3 days later, when the people say yes`,
      `                closed until ${formatMoment('2026-12-23T23:20:00.000Z')}: soak: healthy since ${formatMoment('2026-12-23T22:50:00.000Z')}; asked are 1800 s in dev, over at Wed 2026-12-23 23:20 UTC`,
      `                closed until ${moment}: freeze: freeze window until Sun 2026-12-27 00:00 Europe/Berlin`,
      `                asks 2 of release-managers from ${moment}; without their answer refused ${formatMoment('2026-12-27T11:00:00.000Z')}`,
    ]);
  });

  test('what the zones found running there counts', () => {
    const promotions = [promotion('dev', { ...NO_BASELINE, current: ran }), promotion('production')];
    const at = new Date('2026-12-22T22:00:00Z');
    const early = { ...ran, since: '2026-12-22T21:45:00.000Z' };
    const seen = foresightOf(
      config,
      wish,
      { promotions: [promotion('dev', { ...NO_BASELINE, current: early }), promotion('production')] },
      { ...start, at },
    );
    assert.match(renderForesight(seen, plain), new RegExp(`dev {9}runs it since ${formatMoment(early.since)}`));
    assert.deepEqual(
      seen.environments.map((one) => ('at' in one ? one.at : one.why)),
      [early.since, '2026-12-22T22:15:00.000Z'],
    );
    assert.equal(foresightOf(config, wish, { promotions }, start).environments[0]?.answer, 'there');
    const soon = { ...start, at: new Date('2026-12-22T22:20:00Z') };
    assert.match(
      renderForesight(
        foresightOf(
          config,
          wish,
          { promotions: [promotion('dev', { ...NO_BASELINE, current: early }), promotion('production')] },
          soon,
        ),
        plain,
      ),
      /production {2}as soon as the people say yes\n/,
    );
  });

  test('never and nobody knows say why', () => {
    const { ticket: _, ...without } = wish;
    const refused = foresightOf(config, without, { promotions: [promotion('dev'), promotion('production')] }, start);
    assert.match(renderForesight(refused, plain), /production {2}never under these rules: gate "ticket"/);
    const alone = foresightOf(config, wish, { promotions: [promotion('production')] }, start);
    assert.match(renderForesight(alone, plain), /production {2}nobody can say: soak: nothing is known to run in dev/);
    assert.equal(renderForesight(alone, plain).split('nothing is known to run in dev').length, 2, 'it is said once');
  });

  test('why it is never open is said with times as all others here are written', () => {
    const [since, end] = ['2026-12-23T22:00:00.000Z', '2027-12-20T00:00:00.000Z'];
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since, until: end } as const;
    const desk = { ...neverOpened('dev'), restraints: [stop] };
    const seen = foresightOf(config, wish, { promotions: [promotion('dev')] }, { ...start, desks: [desk] });
    const text = renderForesight(seen, plain);
    assert.match(text, new RegExp(`never under these rules: the gates of dev open at ${formatMoment(end)}, and`));
    assert.doesNotMatch(text, /\dT\d/);
  });

  test('workers that have other rules are named', () => {
    const promotions = [promotion('dev', NO_BASELINE, 'other'), promotion('production')];
    const seen = foresightOf(config, wish, { promotions }, start);
    assert.deepEqual(seen.otherRules, ['dev']);
    assert.match(renderForesight(seen, plain), /the workers of dev have other rules than this sluice\.yaml/);
  });

  test('what the desk of an environment knows counts: stops, and who is before it in the queue', () => {
    const lease = (version: string) => ({
      ...{ service: 'iam', version, workflowId: 'w', runId: version, askedAt: '2026-12-22T21:00:00.000Z' },
      ...({ policy: 'queue', priority: 'normal', passes: [] } as const),
    });
    const desk = {
      ...({
        format: 1,
        kind: 'environment',
        environment: 'dev',
        restraints: [],
        running: {},
        typicalMs: 600_000,
      } as const),
      turns: {
        ...{ fence: 1, held: [{ ...lease('2026.11.1'), fence: 1, since: '2026-12-22T21:58:00.000Z' }] },
        queue: [lease('2026.11.2'), { ...lease('1.0'), service: 'web' }],
      },
    };
    const at = new Date('2026-12-22T22:00:00Z');
    const first = (desks: readonly EnvironmentStatus[]) =>
      foresightOf(config, wish, { promotions: [promotion('dev')] }, { ...start, at, desks }).environments[0];
    assert.deepEqual(first([desk]), {
      environment: 'dev',
      answer: 'earliest',
      at: '2026-12-22T22:18:00.000Z',
      holds: [
        {
          ...{ gates: [], reason: 'other releases take their turn first' },
          ...{ from: '2026-12-22T22:00:00.000Z', until: '2026-12-22T22:18:00.000Z' },
        },
      ],
    });
    const hotFix = foresightOf(
      config,
      { ...wish, priority: 'hot-fix' },
      { promotions: [promotion('dev')] },
      { ...start, at, desks: [desk] },
    ).environments[0];
    const until = hotFix?.holds[0]?.until;
    assert.equal(until, '2026-12-22T22:08:00.000Z', 'it goes before those that wait, not before who is inside');
    const own = {
      ...desk,
      turns: { ...desk.turns, held: [{ ...lease(wish.version), fence: 1, since: at.toISOString() }] },
    };
    assert.deepEqual(first([own])?.holds, [], 'it is its own turn');
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: at.toISOString() } as const;
    const stopped = { ...own, restraints: [{ ...stop, until: '2026-12-22T23:00:00.000Z' }] };
    assert.match(first([stopped])?.holds[0]?.reason ?? '', /grace stopped every service: errors/);
  });

  test('a plan that is refused is foreseen as never', () => {
    const refusal = { code: 'tag-conflict', message: 'the tag means another digest' } as const;
    const seen = foresightOf(
      config,
      wish,
      { promotions: [{ environment: 'dev', answer: { ok: false, refusal } }] },
      start,
    );
    assert.match(renderForesight(seen, plain), /dev {2}never under these rules: the tag means another digest/);
  });
});
