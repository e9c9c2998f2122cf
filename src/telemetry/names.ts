/**
 * Every metric, span and attribute that Sluice sends, and nothing else: dashboards, alerts and queries are held to this file by test.
 * Names are OpenTelemetry's; Prometheus has them with `_` for `.`, the unit behind them and `_total` behind counters (`prometheus-names.ts`).
 * Nothing here may hold a secret or the name of a person, and no metric may have an attribute without bounds: versions and digests are
 * for traces only.
 */
import { STEP_RESULTS } from '../contract/observation.ts';
import { ERROR_CODES } from '../domain/error-code.ts';
import { OUTCOMES } from '../domain/outcome.ts';
import { TRACED_STEPS } from '../domain/traced-step.ts';
import { WAIT_KINDS } from '../domain/waiting.ts';

export interface Attribute {
  readonly name: string;
  readonly description: string;
  /** A closed list; `configured`: as many as the configuration names; `each`: another for every release, so never of a metric. */
  readonly values: readonly string[] | 'configured' | 'each';
}

const attribute = <const Values extends Attribute['values']>(name: string, values: Values, description: string) => ({
  name,
  values,
  description,
});

export const ATTRIBUTES = {
  service: attribute('sluice.service', 'configured', 'The service that is released.'),
  environment: attribute('sluice.environment', 'configured', 'The environment that is entered.'),
  journey: attribute(
    'sluice.journey',
    ['release', 'rollback', 'rehearsal'],
    'Whether it goes forward, back, or back and forward again to see whether that works.',
  ),
  outcome: attribute('sluice.outcome', [...OUTCOMES, 'failed'], 'How it ended; `failed`: the engine could not tell.'),
  code: attribute('sluice.code', ['none', ...ERROR_CODES], 'Why, as in docs/errors.md.'),
  step: attribute('sluice.step', TRACED_STEPS, 'The step.'),
  undo: attribute('sluice.undo', ['yes', 'no'], 'Whether it takes back what was done.'),
  result: attribute('sluice.result', STEP_RESULTS, 'What came of one step.'),
  wait: attribute('sluice.wait', WAIT_KINDS, 'What is waited for.'),
  standing: attribute('sluice.standing', [...WAIT_KINDS, 'none'], 'What an open run waits for; `none`: it works.'),
  activity: attribute('sluice.activity', 'configured', 'The activity, as in docs/architecture.md.'),
  receiver: attribute('sluice.receiver', 'configured', 'The receiver of notifications.'),
  delivered: attribute('sluice.delivered', ['yes', 'no'], 'Whether it arrived within its day.'),
  expiring: attribute('sluice.expiring', ['signer', 'exception'], 'What has an end.'),
  entry: attribute('sluice.entry', 'configured', 'The signer, or the finding that an exception is for.'),
  signal: attribute('sluice.signal', ['traces', 'metrics'], 'What could not be exported.'),
  version: attribute('sluice.version', 'each', 'The version that is released.'),
  digest: attribute('sluice.digest', 'each', 'The image, by digest.'),
  workflowId: attribute('sluice.workflow.id', 'each', "Temporal's workflow id."),
  runId: attribute('sluice.run.id', 'each', "Temporal's run id."),
} as const satisfies Record<string, Attribute>;

export type AttributeName = keyof typeof ATTRIBUTES;

export interface Metric {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** In UCUM's words, as OpenTelemetry wants it. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly AttributeName[];
  /** Who tells it: whoever runs workflows, whoever serves an environment, or each of them for itself. */
  readonly by: 'engine' | 'zone' | 'every';
}

export const METRICS = {
  releases: {
    name: 'sluice.release.ended',
    kind: 'counter',
    unit: '{release}',
    description: 'Releases and roll-backs that have ended.',
    attributes: ['service', 'journey', 'outcome', 'code'],
    by: 'engine',
  },
  releaseDuration: {
    name: 'sluice.release.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From the start of a release or roll-back to its end, waits included.',
    attributes: ['service', 'journey', 'outcome'],
    by: 'engine',
  },
  promotions: {
    name: 'sluice.promotion.ended',
    kind: 'counter',
    unit: '{promotion}',
    description: 'Promotions that have ended.',
    attributes: ['service', 'environment', 'journey', 'outcome', 'code'],
    by: 'engine',
  },
  promotionDuration: {
    name: 'sluice.promotion.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From the start of a promotion to its end, waits included.',
    attributes: ['environment', 'journey', 'outcome'],
    by: 'engine',
  },
  stepDuration: {
    name: 'sluice.step.duration',
    kind: 'histogram',
    unit: 's',
    description: 'One step with all of its attempts, as the workflow sees it.',
    attributes: ['environment', 'step', 'undo', 'result'],
    by: 'engine',
  },
  stepFailures: {
    name: 'sluice.step.failures',
    kind: 'counter',
    unit: '{step}',
    description: 'Steps that answered no or came to no answer.',
    attributes: ['service', 'environment', 'step', 'undo', 'code'],
    by: 'engine',
  },
  waitDuration: {
    name: 'sluice.wait.duration',
    kind: 'histogram',
    unit: 's',
    description: 'One wait, from its beginning to its end.',
    attributes: ['environment', 'wait'],
    by: 'engine',
  },
  deliveries: {
    name: 'sluice.notification.deliveries',
    kind: 'counter',
    unit: '{event}',
    description: 'Events that arrived at a receiver, or were given up.',
    attributes: ['receiver', 'delivered'],
    by: 'engine',
  },
  attempts: {
    name: 'sluice.activity.attempts',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts of activities; a failed one has the code of what failed, which may be tried again.',
    attributes: ['activity', 'environment', 'code'],
    by: 'every',
  },
  attemptDuration: {
    name: 'sluice.activity.duration',
    kind: 'histogram',
    unit: 's',
    description: 'One attempt of an activity.',
    attributes: ['activity', 'environment'],
    by: 'every',
  },
  openPromotions: {
    name: 'sluice.promotion.open',
    kind: 'gauge',
    unit: '{promotion}',
    description: 'Promotions that have not ended. Every engine says the same: take the largest, never the sum.',
    attributes: ['service', 'environment', 'standing'],
    by: 'engine',
  },
  oldestPromotion: {
    name: 'sluice.promotion.oldest',
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest promotion that has not ended. Every engine says the same.',
    attributes: ['service', 'environment', 'standing'],
    by: 'engine',
  },
  openReleases: {
    name: 'sluice.release.open',
    kind: 'gauge',
    unit: '{release}',
    description: 'Releases that have not ended. Every engine says the same.',
    attributes: ['service', 'standing'],
    by: 'engine',
  },
  oldestRelease: {
    name: 'sluice.release.oldest',
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest release that has not ended. Every engine says the same.',
    attributes: ['service', 'standing'],
    by: 'engine',
  },
  standingRead: {
    name: 'sluice.standing.read',
    kind: 'gauge',
    unit: 's',
    description:
      'When what is open was last read from Temporal, in seconds since 1970: the gauges above are as old as that.',
    attributes: [],
    by: 'engine',
  },
  expires: {
    name: 'sluice.trust.expires',
    kind: 'gauge',
    unit: 's',
    description: 'When a signer or an exception ends, in seconds since 1970, as this worker was configured.',
    attributes: ['expiring', 'entry', 'environment'],
    by: 'every',
  },
  exportFailures: {
    name: 'sluice.telemetry.export.failures',
    kind: 'counter',
    unit: '{export}',
    description: 'Exports that failed: what they held is lost. Releases do not notice.',
    attributes: ['signal'],
    by: 'every',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** Upper bounds in seconds, from a look at a registry to a release that waited for a month. */
export const SECONDS = [
  0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000,
] as const;

export interface SpanKindOf {
  /** `<…>` stands for the value of an attribute. */
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeName[];
}

export const SPANS = {
  release: {
    name: 'release',
    description: 'A release on its whole journey: the root of its trace.',
    attributes: ['service', 'version', 'journey', 'digest', 'outcome', 'code', 'workflowId', 'runId'],
  },
  rollback: {
    name: 'rollback',
    description: 'A roll-back: the root of its trace.',
    attributes: ['service', 'version', 'environment', 'journey', 'outcome', 'code', 'workflowId', 'runId'],
  },
  promotion: {
    name: 'promotion <sluice.environment>',
    description: 'One promotion of it.',
    attributes: ['service', 'version', 'environment', 'journey', 'digest', 'outcome', 'code', 'workflowId', 'runId'],
  },
  step: {
    name: '<sluice.step>',
    description: 'One step, with all of its attempts.',
    attributes: ['service', 'version', 'environment', 'step', 'undo', 'result', 'code'],
  },
  undo: {
    name: 'undo <sluice.step>',
    description: 'One step of the way back.',
    attributes: ['service', 'version', 'environment', 'step', 'undo', 'result', 'code'],
  },
  wait: {
    name: 'wait for <sluice.wait>',
    description: 'One wait, with what it was for.',
    attributes: ['service', 'version', 'environment', 'wait'],
  },
} as const satisfies Record<string, SpanKindOf>;
