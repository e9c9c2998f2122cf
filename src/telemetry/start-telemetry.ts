/** Telemetry of one worker process: what its workflows and activities tell, measured, traced, and handed to whoever listens. */
import type { Logger } from '@temporalio/common';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TelemetrySettings } from '../config/telemetry.ts';
import type { Observation, ObservationSinks } from '../contract/observation.ts';
import { observeAttempts } from './attempts.ts';
import { createExporters, createHearing, type Signal } from './exporters.ts';
import { createInstruments, type Instruments, measure } from './instruments.ts';
import { createOnce } from './once.ts';
import { prometheusText } from './prometheus-text.ts';
import { createTracing } from './tracing.ts';

/**
 * Spans that may wait for an export, about one kilobyte each; more are dropped. A thousand releases that end at once have some twenty
 * thousand, which a collector that is there takes within seconds.
 */
const MOST_WAITING = 8_192;
const AT_ONCE = 512;
/** What a worker that is killed may lose. */
const SPANS_EVERY_MS = 1_000;
const EXPORT_MS = 10_000;
/** A worker that is told to stop waits this long for its last words. */
const STOP_MS = 3_000;

export interface Telemetry {
  readonly sinks: InjectedSinks<ObservationSinks>;
  readonly activityInterceptor: ActivityInterceptorsFactory;
  readonly instruments: Instruments;
  /** What Prometheus is to read. */
  readonly text: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startTelemetry(settings: TelemetrySettings, logger: Logger): Promise<Telemetry> {
  const resource = resourceFromAttributes(settings.resource);
  const pulled = new PrometheusExporter({ preventServerStart: true });
  // the exporters are there before what counts their failures
  const counting: { by?: Instruments } = {};
  const count = (signal: Signal): void => counting.by?.record('exportFailures', 1, { signal });
  const exporters = await createExporters(settings, createHearing(logger, count));
  const pushed = exporters.metrics.map((exporter) => {
    const every = settings.metricsEveryMs;
    const limit = Math.min(EXPORT_MS, every);
    return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: every, exportTimeoutMillis: limit });
  });
  const readers: MetricReader[] = [pulled, ...pushed];
  const meters = new MeterProvider({ resource, readers });
  const instruments = createInstruments(meters.getMeter('sluice'));
  counting.by = instruments;
  const queue = {
    maxQueueSize: MOST_WAITING,
    maxExportBatchSize: AT_ONCE,
    scheduledDelayMillis: SPANS_EVERY_MS,
    exportTimeoutMillis: EXPORT_MS,
  };
  const tracing = createTracing(
    resource,
    exporters.spans.map((exporter) => new BatchSpanProcessor(exporter, queue)),
  );
  const isNew = createOnce();
  const observed = (_: unknown, observation: Observation): void => {
    if (!isNew(observation.span)) return;
    measure(instruments, observation);
    tracing.trace(observation);
  };
  return {
    sinks: { sluice: { observed: { fn: observed, callDuringReplay: false } } },
    activityInterceptor: observeAttempts(instruments),
    instruments,
    text: async () => prometheusText((await pulled.collect()).resourceMetrics),
    stop: () => within(STOP_MS, Promise.allSettled([tracing.stop(), meters.shutdown()])),
  };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
