/** What Prometheus reads: OpenTelemetry's own writer, which leaves the unit out of names, given names that have it. */
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { withUnit } from './prometheus-names.ts';

export function prometheusText({ resource, scopeMetrics }: ResourceMetrics): string {
  const named = scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map((metric) => {
      const { descriptor } = metric;
      return { ...metric, descriptor: { ...descriptor, name: withUnit(descriptor.name, descriptor.unit) } };
    }),
  }));
  return new PrometheusSerializer(undefined, false, undefined, true, true).serialize({ resource, scopeMetrics: named });
}
