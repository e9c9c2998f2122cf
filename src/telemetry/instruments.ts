/** The instruments of `names.ts`, and the only place where something is measured. */
import type { Attributes, Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';
import type { Observation } from '../contract/observation.ts';
import { ATTRIBUTES, type AttributeName, type Metric, type MetricName, METRICS, SECONDS } from './names.ts';

/** The value of each attribute that a metric has, by the name that `names.ts` gives it. */
export type Labels<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['attributes'][number], string>>;

export interface Reading<Name extends MetricName> {
  readonly value: number;
  readonly labels: Labels<Name>;
}

type Of<Kind extends Metric['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
export type GaugeName = Of<'gauge'>;
type RecordedName = Of<'counter' | 'histogram'>;

export interface Instruments {
  /** Adds to a counter, or records in a histogram. */
  readonly record: <Name extends RecordedName>(name: Name, value: number, labels: Labels<Name>) => void;
  /** Asked at each collection. */
  readonly gauge: <Name extends GaugeName>(name: Name, read: () => readonly Reading<Name>[]) => void;
}

export function createInstruments(meter: Meter): Instruments {
  const recorded = new Map<MetricName, Counter | Histogram>();
  for (const [name, { kind, ...metric }] of Object.entries(METRICS) as [MetricName, Metric][]) {
    const { unit, description } = metric;
    if (kind === 'counter') recorded.set(name, meter.createCounter(metric.name, { unit, description }));
    if (kind === 'histogram') recorded.set(name, histogram(meter, metric));
  }
  return {
    record(name, value, labels) {
      const instrument = recorded.get(name);
      if (instrument === undefined) return;
      if ('add' in instrument) instrument.add(value, attributesOf(labels));
      else instrument.record(value, attributesOf(labels));
    },
    gauge(name, read) {
      const { unit, description, name: full } = METRICS[name];
      const gauge: ObservableGauge = meter.createObservableGauge(full, { unit, description });
      gauge.addCallback((result) => {
        for (const { value, labels } of read()) result.observe(value, attributesOf(labels));
      });
    },
  };
}

function histogram(meter: Meter, { name, unit, description }: Omit<Metric, 'kind'>): Histogram {
  return meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...SECONDS] } });
}

/** By the names that `names.ts` gives them. */
export function attributesOf(labels: Readonly<Partial<Record<AttributeName, string>>>): Attributes {
  const named = (Object.keys(labels) as AttributeName[]).map((key) => [ATTRIBUTES[key].name, labels[key]]);
  return Object.fromEntries(named) as Attributes;
}

/** What is counted of something that has ended. */
export function measure({ record }: Instruments, observed: Observation): void {
  if (observed.what === 'delivery') {
    const { receiver, delivered } = observed;
    return record('deliveries', 1, { receiver, delivered: delivered ? 'yes' : 'no' });
  }
  const seconds = (observed.endedMs - observed.startedMs) / 1_000;
  const { service, environment = 'none' } = observed;
  if (observed.what === 'wait') return record('waitDuration', seconds, { environment, wait: observed.wait });
  if (observed.what === 'step') {
    const { step, result, code = 'none' } = observed;
    const undo = observed.undo ? 'yes' : 'no';
    record('stepDuration', seconds, { environment, step, undo, result });
    if (result === 'refused' || result === 'failed')
      record('stepFailures', 1, { service, environment, step, undo, code });
    return;
  }
  const { journey, outcome = 'failed', code = 'none' } = observed;
  if (observed.what === 'promotion') {
    record('promotions', 1, { service, environment, journey, outcome, code });
    return record('promotionDuration', seconds, { environment, journey, outcome });
  }
  record('releases', 1, { service, journey, outcome, code });
  record('releaseDuration', seconds, { service, journey, outcome });
}
