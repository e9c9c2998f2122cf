import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ATTRIBUTES, type Attribute, type Metric, METRICS, SPANS } from '../../../src/telemetry/names.ts';
import { prometheusName, prometheusSeries } from '../../../src/telemetry/prometheus-names.ts';

const metrics: readonly Metric[] = Object.values(METRICS);

describe('the names of metrics, spans and attributes', () => {
  test('are each given once', () => {
    for (const group of [METRICS, ATTRIBUTES, SPANS]) {
      const names = Object.values(group).map((one: { readonly name: string }) => one.name);
      assert.equal(new Set(names).size, names.length);
    }
    const series = metrics.flatMap(prometheusSeries);
    assert.equal(new Set(series).size, series.length);
  });

  test('no metric has an attribute that is another one for every release', () => {
    const of = (metric: Metric): readonly Attribute[] => metric.attributes.map((name) => ATTRIBUTES[name]);
    assert.deepEqual(
      metrics.filter((metric) => of(metric).some((one) => one.values === 'each')).map((one) => one.name),
      [],
    );
  });

  test('none is about a person, and all begin with the engine’s own name', () => {
    const attributes = Object.values(ATTRIBUTES).map((one) => one.name);
    assert.deepEqual(
      attributes.filter((name) => /approver|person|user|requested|by$/.test(name)),
      [],
    );
    for (const name of [...attributes, ...metrics.map((one) => one.name)]) assert.match(name, /^sluice\.[a-z.]+$/);
  });

  test('the attributes that a span’s name shows are its own', () => {
    for (const { name, attributes } of Object.values(SPANS)) {
      const shown = [...name.matchAll(/<([^>]+)>/g)].map(([, one]) => one);
      const own = attributes.map((one): string => ATTRIBUTES[one].name);
      for (const one of shown) assert.ok(own.includes(one ?? ''), name);
    }
  });

  test('Prometheus has the unit behind the name and _total behind a counter, as a collector writes them', () => {
    const cases = { name: 'sluice.some.thing', unit: 's' } as const;
    assert.equal(prometheusName({ ...cases, kind: 'histogram' }), 'sluice_some_thing_seconds');
    assert.equal(prometheusName({ ...cases, unit: '{thing}', kind: 'counter' }), 'sluice_some_thing_total');
    assert.equal(prometheusName({ ...cases, unit: '{thing}', kind: 'gauge' }), 'sluice_some_thing');
  });
});
