/** Exporters: each bounded in time and memory, each failure counted and said once, none of them waited for by anybody. */
import type { Logger } from '@temporalio/common';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TelemetrySettings } from '../config/telemetry.ts';

export type Signal = 'traces' | 'metrics';

/** Told of each export: whether it arrived. */
export type Heard = (signal: Signal, error: Error | undefined) => void;

export interface Exporters {
  readonly spans: readonly SpanExporter[];
  readonly metrics: readonly PushMetricExporter[];
}

/** Azure's exporter, which is large, is loaded only where it is used. */
export async function createExporters(settings: TelemetrySettings, heard: Heard): Promise<Exporters> {
  const { otlpTraces, otlpMetrics, azureConnection } = settings;
  const azure = azureConnection === undefined ? undefined : await azureExporters(azureConnection);
  const spans = [
    ...(otlpTraces === undefined ? [] : [new OTLPTraceExporter({ url: otlpTraces })]),
    ...(azure?.spans ?? []),
  ];
  const metrics = [
    ...(otlpMetrics === undefined ? [] : [new OTLPMetricExporter({ url: otlpMetrics })]),
    ...(azure?.metrics ?? []),
  ];
  return {
    spans: spans.map((one) => listened('traces', one, heard)),
    metrics: metrics.map((one) => listened('metrics', one, heard)),
  };
}

/** Nothing on disk: what cannot be sent is dropped, as everywhere else. */
async function azureExporters(connectionString: string): Promise<Exporters> {
  const { AzureMonitorMetricExporter, AzureMonitorTraceExporter } =
    await import('@azure/monitor-opentelemetry-exporter');
  const options = { connectionString, disableOfflineStorage: true };
  return {
    spans: [new AzureMonitorTraceExporter(options)],
    metrics: [new AzureMonitorMetricExporter(options)],
  };
}

function listened<Exporter extends SpanExporter | PushMetricExporter>(
  signal: Signal,
  exporter: Exporter,
  heard: Heard,
): Exporter {
  const send = exporter.export.bind(exporter) as (items: never, done: (result: Result) => void) => void;
  const listening = (items: never, done: (result: Result) => void): void =>
    send(items, (result) => {
      const arrived = result.code === ExportResultCode.SUCCESS;
      heard(signal, arrived ? undefined : (result.error ?? new Error('the exporter says not why')));
      done(result);
    });
  exporter.export = listening as unknown as Exporter['export'];
  return exporter;
}

interface Result {
  readonly code: number;
  readonly error?: Error;
}

/** A collector that is away for a day is said twice: when it went, and when it came back. */
export function createHearing(logger: Logger, count: (signal: Signal) => void): Heard {
  const lost = new Set<Signal>();
  return (signal, error) => {
    if (error === undefined) {
      if (lost.delete(signal)) logger.info(`${signal} are exported again`);
      return;
    }
    count(signal);
    if (lost.has(signal)) return;
    lost.add(signal);
    logger.warn(`${signal} cannot be exported, and are dropped until they can; releases go on`, { error });
  };
}
