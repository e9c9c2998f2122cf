/** What Prometheus calls a metric: as OpenTelemetry's collector would, so that one dashboard reads both. */
import type { Attribute, Metric } from './names.ts';

/** Compatibility of OpenTelemetry with Prometheus, "Metric metadata": unit behind the name, then `_total`; units in braces are words only. */
export function prometheusName({ name, unit, kind }: Pick<Metric, 'name' | 'unit' | 'kind'>): string {
  return `${withUnit(plain(name), unit)}${kind === 'counter' ? '_total' : ''}`;
}

export function withUnit(name: string, unit: string): string {
  return unit === 's' ? `${name}_seconds` : name;
}

export function prometheusLabel({ name }: Pick<Attribute, 'name'>): string {
  return plain(name);
}

/** Every time series of a metric, as queries may name them. */
export function prometheusSeries(metric: Metric): readonly string[] {
  const name = prometheusName(metric);
  return metric.kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

function plain(name: string): string {
  return name.replaceAll('.', '_');
}
