import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../local/tools/until.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { ATTRIBUTES, type Metric, METRICS } from '../../../src/telemetry/names.ts';
import { prometheusLabel, prometheusSeries } from '../../../src/telemetry/prometheus-names.ts';
import { type ObservedStack, type Sample, startObservedStack } from '../../support/telemetry/observed-stack.ts';
import { TEMPORAL_SERIES } from '../../support/telemetry/temporal-series.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/telemetry/otlp-receiver.ts';

const missing = toolPath('temporal') === undefined;
const skip = missing && !process.env['CI'] && 'temporal not installed: npm run setup';

/** Whatever is measured by then: no delivery is given up within a day, and no export has failed yet. */
const SENT = Object.values(METRICS)
  .filter(({ kind }) => kind !== 'gauge')
  .map((one): string => one.name)
  .filter((name) => name !== METRICS.deliveries.name && name !== METRICS.exportFailures.name);

describe('what Prometheus reads of real workers after real releases', { skip, timeout: 600_000 }, () => {
  let receiver: OtlpReceiver;
  let observed: ObservedStack | undefined;
  let samples: readonly Sample[];
  let isSent = false;
  before(async () => {
    receiver = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: '1000' };
    const begun = await startObservedStack({
      dir: mkdtempSync(join(tmpdir(), 'sluice-scrape-')),
      env,
      exception: true,
    });
    observed = begun;
    const { stack, untilSeen } = begun;
    const start = (...args: readonly string[]) =>
      stack.sluice(['start', 'iam', ...args, '--wait'], { host: 'pipeline', user: 'build-pipeline' });
    const released = await start((await stack.push('v1')).version, '--until', 'dev');
    assert.equal(released.code, 0, released.stderr);
    const refused = await start((await stack.push('unsigned')).version);
    assert.notEqual(refused.code, 0, refused.stdout);
    await untilSeen('sluice_promotion_ended_total', { sluice_environment: 'dev', sluice_outcome: 'released' });
    const unreachable = { sluice_activity: 'notify', sluice_code: 'notification-unreachable' };
    await untilSeen('sluice_activity_attempts_total', unreachable);
    const roots = (): number => receiver.spans.filter((one) => one.parentSpanId === undefined).length;
    const allSent = (): boolean => roots() === 2 && SENT.every((name) => receiver.metrics.has(name));
    await until(async () => allSent(), { what: 'the same metrics and both traces have been sent', timeoutMs: 60_000 });
    isSent = true;
    receiver.answer('failing');
    await untilSeen('sluice_telemetry_export_failures_total', { sluice_signal: 'metrics' });
    await untilSeen('sluice_standing_read_seconds', {});
    samples = await begun.scrape();
  });
  after(async () => {
    await observed?.stop();
    await receiver.stop();
  });

  /** Ends only after a day, when the webhook is given up. */
  const NOT_YET = ['deliveries'];
  /** Open ones that were read while they were open; the next test sees them. */
  const WHILE_OPEN = ['openPromotions', 'oldestPromotion', 'openReleases', 'oldestRelease'];
  for (const [name, metric] of Object.entries(METRICS) as [string, Metric][]) {
    if (NOT_YET.includes(name) || WHILE_OPEN.includes(name)) continue;
    test(`there is ${metric.name} with the labels of names.ts, and no others`, () => {
      const labels = metric.attributes.map((one) => prometheusLabel(ATTRIBUTES[one])).sort();
      for (const series of prometheusSeries(metric)) {
        const found = samples.find((one) => one.name === series);
        assert.ok(found !== undefined, series);
        const own = Object.keys(found.labels).filter((label) => !['le', 'job', 'instance'].includes(label));
        assert.deepEqual(own.sort(), labels);
      }
    });
  }

  test('no label has a value that names.ts does not know, and nothing is there that it does not name', () => {
    const known = Object.values(METRICS).flatMap((metric: Metric) => prometheusSeries(metric));
    const ours = samples.filter(({ name }) => name.startsWith('sluice_'));
    assert.deepEqual(
      ours.filter(({ name }) => !known.includes(name)),
      [],
    );
    for (const attribute of Object.values(ATTRIBUTES)) {
      if (attribute.values === 'configured' || attribute.values === 'each') continue;
      const values: readonly string[] = attribute.values;
      const said = ours.flatMap(({ labels }) => labels[prometheusLabel(attribute)] ?? []);
      assert.deepEqual(
        said.filter((one) => !values.includes(one)),
        [],
        attribute.name,
      );
    }
  });

  test('the metrics of Temporal’s SDK stand beside them', () => {
    for (const [name, labels] of Object.entries(TEMPORAL_SERIES)) {
      const found = samples.find((one) => one.name === name);
      assert.ok(found !== undefined, name);
      assert.deepEqual(
        labels.filter((label) => found.labels[label] === undefined),
        [],
        name,
      );
    }
  });

  test('an OTLP receiver was sent the same metrics, and the traces', () => {
    assert.ok(isSent);
    const roots = receiver.spans.filter((one) => one.parentSpanId === undefined);
    assert.deepEqual(roots.map((one) => one.attributes['sluice.outcome']).sort(), ['refused', 'released']);
    assert.equal(roots[0]?.resource['service.name'], 'sluice');
  });

  test('a worker that cannot serve its metrics says so, and does not start', async () => {
    assert.ok(observed !== undefined);
    const taken = observed.scrapeAddresses.nonproduction;
    const refused = await observed.stack.sluice(['worker', '--engine', '--metrics', taken], { host: 'person' });
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /metrics cannot be served at [\d.:]+: EADDRINUSE[^]*name another address with --metrics/,
    );
  });

  test('a promotion that is parked is told as open, with its age', async () => {
    assert.ok(observed !== undefined);
    const { stack, untilSeen } = observed;
    const forbidden = { registry: 'onestreamstaging', path: '/blobs/' };
    stack.emulator.faults.set({ fault: 'status', status: 403, match: forbidden });
    const { version } = await stack.push('v2');
    const begun = await stack.sluice(['start', 'iam', version], { host: 'pipeline', user: 'build-pipeline' });
    assert.equal(begun.code, 0, begun.stderr);
    const labels = { sluice_service: 'iam', sluice_environment: 'staging', sluice_standing: 'attention' };
    await untilSeen('sluice_promotion_open', labels);
    await untilSeen('sluice_promotion_oldest_seconds', labels);
    await untilSeen('sluice_release_open', { sluice_service: 'iam', sluice_standing: 'none' });
  });
});
