/** Where telemetry goes: OpenTelemetry's own environment variables, and Azure Monitor's, read with every mistake at once. */
import type { Problem } from '../domain/error-code.ts';
import { ConfigError } from './config-error.ts';

export interface TelemetrySettings {
  /** What every span and metric says of this process. */
  readonly resource: Readonly<Record<string, string>>;
  /** Addresses of an OTLP receiver (http/protobuf); undefined: none. Headers, limits and certificates are read by the exporter itself. */
  readonly otlpTraces?: string;
  readonly otlpMetrics?: string;
  /** Application Insights; holds a key, never to be printed. */
  readonly azureConnection?: string;
  /** How often metrics are sent, where they are sent. */
  readonly metricsEveryMs: number;
  /** `host:port` of a scrape endpoint; undefined: none. */
  readonly scrape?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const METRICS_EVERY_MS = 60_000;
const EVERY = { from: 1_000, to: 3_600_000 } as const;

/**
 * OTEL_EXPORTER_OTLP_ENDPOINT and what belongs to it (OpenTelemetry, "Environment Variable Specification" and "OTLP Exporter Configuration"),
 * APPLICATIONINSIGHTS_CONNECTION_STRING. Undefined: nobody listens. Throws {@link ConfigError} `config-invalid`.
 */
export function telemetryIn(
  variables: Variables,
  { scrape, instance, version }: { readonly scrape?: string; readonly instance: string; readonly version: string },
): TelemetrySettings | undefined {
  const said = (name: string): string | undefined => {
    const text = variables[name]?.trim();
    return text === '' ? undefined : text;
  };
  const problems: Problem[] = [];
  const isOff = said('OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const otlpTraces = isOff ? undefined : otlpAddress('TRACES', said, problems);
  const otlpMetrics = isOff ? undefined : otlpAddress('METRICS', said, problems);
  const azureConnection = isOff ? undefined : azure(said('APPLICATIONINSIGHTS_CONNECTION_STRING'), problems);
  const metricsEveryMs = interval(said('OTEL_METRIC_EXPORT_INTERVAL'), problems);
  const own = resourceOf(said('OTEL_RESOURCE_ATTRIBUTES'), problems);
  if (problems.length > 0) throw new ConfigError('config-invalid', problems);
  if ([otlpTraces, otlpMetrics, azureConnection, scrape].every((one) => one === undefined)) return undefined;
  const name = said('OTEL_SERVICE_NAME');
  return {
    resource: {
      'service.name': 'sluice',
      'service.version': version,
      'service.instance.id': instance,
      ...own,
      ...(name === undefined ? {} : { 'service.name': name }),
    },
    metricsEveryMs,
    ...(otlpTraces === undefined ? {} : { otlpTraces }),
    ...(otlpMetrics === undefined ? {} : { otlpMetrics }),
    ...(azureConnection === undefined ? {} : { azureConnection }),
    ...(scrape === undefined ? {} : { scrape }),
  };
}

type Said = (name: string) => string | undefined;

/** The address of one signal is taken as it is; the common one has `/v1/<signal>` behind it. */
function otlpAddress(signal: 'TRACES' | 'METRICS', said: Said, problems: Problem[]): string | undefined {
  const exporter = `OTEL_${signal}_EXPORTER`;
  const chosen = said(exporter)?.toLowerCase();
  if (chosen !== undefined && !['otlp', 'none'].includes(chosen)) {
    problems.push({
      where: exporter,
      message: `expected otlp or none, got "${chosen}"`,
      remedy: 'Prometheus is served with "sluice worker --metrics"',
    });
  }
  if (chosen === 'none') return undefined;
  const of = said(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`);
  const common = said('OTEL_EXPORTER_OTLP_ENDPOINT');
  const where = of === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
  const address = of ?? common;
  if (address === undefined) return undefined;
  checkProtocol(signal, said, problems);
  if (!isWebAddress(address)) {
    // the common address is read once for each signal
    if (!problems.some((one) => one.where === where))
      problems.push({
        where,
        message: `"${address}" is no http(s) address`,
        remedy: 'write one such as http://collector:4318',
      });
    return undefined;
  }
  return of ?? `${address.replace(/\/$/, '')}/v1/${signal.toLowerCase()}`;
}

function checkProtocol(signal: string, said: Said, problems: Problem[]): void {
  for (const where of [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = said(where);
    if (protocol === undefined || protocol === 'http/protobuf') continue;
    const remedy = 'leave it out, and use the port of the receiver that takes HTTP (4318)';
    if (!problems.some((one) => one.where === where))
      problems.push({ where, message: `expected http/protobuf, got "${protocol}"`, remedy });
  }
}

/** As Azure shows it: `InstrumentationKey=…;IngestionEndpoint=https://…`. What it holds is not repeated in a message. */
function azure(connection: string | undefined, problems: Problem[]): string | undefined {
  if (connection === undefined) return undefined;
  const parts = connection.split(';').map((part) => part.split('=')[0]?.trim().toLowerCase());
  if (parts.includes('instrumentationkey')) return connection;
  problems.push({
    where: 'APPLICATIONINSIGHTS_CONNECTION_STRING',
    message: 'it has no InstrumentationKey',
    remedy: 'copy the connection string from the overview of the Application Insights resource',
  });
  return undefined;
}

function interval(text: string | undefined, problems: Problem[]): number {
  if (text === undefined) return METRICS_EVERY_MS;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (ms >= EVERY.from && ms <= EVERY.to) return ms;
  const message = `expected milliseconds from ${EVERY.from} to ${EVERY.to}, got "${text}"`;
  problems.push({ where: 'OTEL_METRIC_EXPORT_INTERVAL', message });
  return METRICS_EVERY_MS;
}

/** `key=value,key=value`, values percent-encoded (W3C Baggage). */
function resourceOf(text: string | undefined, problems: Problem[]): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').filter((pair) => pair.trim() !== '');
  const read = pairs.map((pair) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair));
  const found = read.flatMap((match) => {
    const [, key = '', value = ''] = match ?? [];
    const decoded = decode(value);
    return key === '' || decoded === undefined ? [] : [[key, decoded] as const];
  });
  if (found.length < pairs.length) {
    const message = 'expected key=value pairs, separated by commas, with values percent-encoded';
    problems.push({ where: 'OTEL_RESOURCE_ATTRIBUTES', message });
  }
  return Object.fromEntries(found);
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
