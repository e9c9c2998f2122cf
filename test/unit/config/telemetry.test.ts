import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../../../src/config/config-error.ts';
import { telemetryIn } from '../../../src/config/telemetry.ts';

const OF = { instance: '1@host', version: '1.2.3' };
const read = (variables: Readonly<Record<string, string>>, scrape?: string) =>
  telemetryIn(variables, { ...OF, ...(scrape === undefined ? {} : { scrape }) });

describe('where telemetry goes', () => {
  test('is nowhere unless somebody is named', () => {
    assert.equal(read({}), undefined);
    assert.equal(read({ OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }), undefined);
  });

  test('is one receiver for both signals, each at its own path', () => {
    const settings = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' });
    assert.equal(settings?.otlpTraces, 'http://collector:4318/v1/traces');
    assert.equal(settings?.otlpMetrics, 'http://collector:4318/v1/metrics');
    assert.equal(settings?.resource['service.name'], 'sluice');
    assert.equal(settings?.resource['service.version'], '1.2.3');
  });

  test('is another receiver for one signal, taken as it is written, or none', () => {
    const settings = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.test/in',
      OTEL_METRICS_EXPORTER: 'none',
    });
    assert.equal(settings?.otlpTraces, 'https://traces.example.test/in');
    assert.equal(settings?.otlpMetrics, undefined);
  });

  test('is nobody but Prometheus where OpenTelemetry is switched off', () => {
    const variables = { OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    assert.equal(read(variables), undefined);
    const settings = read(variables, '127.0.0.1:9464');
    assert.deepEqual([settings?.scrape, settings?.otlpTraces], ['127.0.0.1:9464', undefined]);
  });

  test('carries what the operator says of the process, with values decoded', () => {
    const settings = read(
      { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=eu%20west, service.name=a', OTEL_SERVICE_NAME: 'b' },
      '127.0.0.1:9464',
    );
    assert.equal(settings?.resource['deployment.environment'], 'eu west');
    assert.equal(settings?.resource['service.name'], 'b');
  });

  test('is refused with everything that is wrong, and without the key that a connection string holds', () => {
    const key = 'SecretKey=0a1b2c3d';
    try {
      read({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_TRACES_EXPORTER: 'zipkin',
        OTEL_METRIC_EXPORT_INTERVAL: '1s',
        OTEL_RESOURCE_ATTRIBUTES: 'no pair',
        APPLICATIONINSIGHTS_CONNECTION_STRING: key,
      });
      assert.fail('it was taken');
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.code, 'config-invalid');
      assert.deepEqual(error.problems.map((one) => one.where).sort(), [
        'APPLICATIONINSIGHTS_CONNECTION_STRING',
        'OTEL_EXPORTER_OTLP_ENDPOINT',
        'OTEL_EXPORTER_OTLP_PROTOCOL',
        'OTEL_METRIC_EXPORT_INTERVAL',
        'OTEL_RESOURCE_ATTRIBUTES',
        'OTEL_TRACES_EXPORTER',
      ]);
      assert.ok(!error.message.includes(key));
    }
  });
});
