import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { DASHBOARDS, fileOf, grafanaOf } from '../../../local/grafana/dashboards.ts';
import { checkout } from '../../../local/tools/place.mjs';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { ATTRIBUTES, type Metric, METRICS } from '../../../src/telemetry/names.ts';
import { prometheusLabel, prometheusSeries } from '../../../src/telemetry/prometheus-names.ts';
import { TEMPORAL_SERIES } from '../../support/telemetry/temporal-series.ts';
import { askedBy } from './promql.ts';

const promtool = toolPath('promtool');
const skip = promtool === undefined && !process.env['CI'] && 'promtool not installed: apt-get install prometheus';
const MONITORING = join(checkout, 'deploy', 'monitoring');
const RULES = join(MONITORING, 'prometheus', 'alerts.yml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
const { groups } = parse(readFileSync(RULES, 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
/** What Grafana puts in place of its variables. */
const plain = (expr: string): string =>
  expr
    .replaceAll(/\$__rate_interval|\$__range\b/g, '5m')
    .replaceAll('$__range_s', '300')
    .replaceAll(/\$(?:service|environment|last)\b/g, 'x');
const panels = DASHBOARDS.flatMap(({ title, panels: all }) =>
  all.flatMap((panel) =>
    panel.queries.map(({ expr, legend = '' }) => ({ name: `${title}: ${panel.title}`, expr: plain(expr), legend })),
  ),
);
const queries = [
  ...rules.map(({ alert, expr, annotations: { summary } }) => ({ name: alert, expr, legend: summary })),
  ...panels,
];

const seriesOf = new Map<string, readonly string[]>([
  ...Object.values(METRICS).flatMap((metric: Metric) => {
    const labels = [...metric.attributes.map((one) => prometheusLabel(ATTRIBUTES[one])), 'le'];
    return prometheusSeries(metric).map((series) => [series, labels] as const);
  }),
  ...Object.entries(TEMPORAL_SERIES),
]);
/** Prometheus adds these to every sample itself. */
const OF_EVERY = ['job', 'instance'];

describe('the dashboards and alert rules for Prometheus', () => {
  for (const { name, expr, legend } of queries) {
    test(`${name}: every series and label is one that workers have`, () => {
      const { series, labels } = askedBy(expr);
      assert.deepEqual(
        series.filter((one) => !seriesOf.has(one)),
        [],
      );
      const known = [...OF_EVERY, ...series.flatMap((one) => seriesOf.get(one) ?? [])];
      const shown = [...legend.matchAll(/\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}/g)].map(([, label = '']) => label);
      assert.deepEqual(
        [...labels, ...shown].filter((one) => !known.includes(one)),
        [],
      );
    });
  }

  test('a series and a label that are not there are found', () => {
    const { series, labels } = askedBy('sum by (sluice_nobody) (rate(sluice_nothing_total{sluice_never="x"}[5m]))');
    assert.deepEqual([series, labels], [['sluice_nothing_total'], ['sluice_never', 'sluice_nobody']]);
    assert.ok(!seriesOf.has('sluice_nothing_total'));
  });

  test('the dashboards’ files are what their program writes, and there are no others', () => {
    for (const dashboard of DASHBOARDS)
      assert.deepEqual(
        JSON.parse(readFileSync(fileOf(dashboard), 'utf8')),
        grafanaOf(dashboard),
        'run: node local/grafana/dashboards.ts',
      );
    const files = readdirSync(join(MONITORING, 'grafana')).sort();
    assert.deepEqual(files, DASHBOARDS.map(({ uid }) => `${uid}.json`).sort());
  });

  test('promtool reads the rules, and every query of the dashboards', { skip }, () => {
    check(RULES);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-promql-'));
    try {
      const file = join(folder, 'panels.yml');
      const written = panels.map(({ name, expr }, index) => ({ record: `panel:${index}`, expr, labels: { name } }));
      writeFileSync(file, stringify({ groups: [{ name: 'panels', rules: written }] }));
      check(file);
      writeFileSync(file, stringify({ groups: [{ name: 'panels', rules: [{ record: 'x', expr: 'sum by (' }] }] }));
      assert.throws(() => check(file), /could not parse expression/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('each alert has a severity, says what is wrong, and names a runbook', () => {
    for (const { alert, labels, annotations } of rules) {
      assert.match(labels.severity, /^(?:warning|critical)$/, alert);
      assert.ok(annotations.summary.length > 20, alert);
      assert.match(annotations.runbook, /^docs\/runbooks\/[a-z-]+\.md$/, alert);
    }
  });
});

function check(file: string): void {
  execFileSync(promtool as string, ['check', 'rules', file], { encoding: 'utf8', stdio: 'pipe' });
}
