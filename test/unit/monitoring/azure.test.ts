import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ATTRIBUTES, type Metric, METRICS } from '../../../src/telemetry/names.ts';
import { kustoChecker } from './kusto.ts';

const AZURE = new URL('../../../deploy/monitoring/azure/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, AZURE), 'utf8');
const check = kustoChecker(JSON.parse(read('tables.json')));

interface Alert {
  readonly name: string;
  readonly severity: number;
  readonly evaluationFrequency: string;
  readonly windowSize: string;
  readonly criteria: { readonly query: string };
}
interface WorkbookItem {
  readonly name: string;
  readonly content: { readonly query?: string };
}

const files = readdirSync(new URL('queries/', AZURE)).map((name) => ({ name, query: read(`queries/${name}`).trim() }));
const { alerts } = JSON.parse(read('alerts.json')) as { readonly alerts: readonly Alert[] };
const { items } = JSON.parse(read('workbook.json')) as { readonly items: readonly WorkbookItem[] };
const shown = items.flatMap(({ name, content }) =>
  content.query === undefined ? [] : [{ name, query: content.query }],
);
const all = [
  ...files,
  ...shown.map(({ name, query }) => ({ name: `workbook: ${name}`, query })),
  ...alerts.map(({ name, criteria }) => ({ name: `alert: ${name}`, query: criteria.query })),
];

describe('the queries for Azure Monitor', () => {
  for (const { name, query } of all) {
    test(`${name}: Microsoft's parser finds nothing wrong, with the columns of the reference`, () => {
      assert.deepEqual(check(query), []);
    });
  }

  test('the parser does not know a column, a table or an operator that is not there', () => {
    assert.match(check('AppMetrics | where Nmae == "x"').join(), /'Nmae' does not refer to any known column/);
    assert.match(check('AppMetrix | take 1').join(), /'AppMetrix' does not refer/);
    assert.match(check('AppMetrics | summarise count()').join(), /Query operator expected/);
  });

  test('name no metric and no attribute that names.ts does not have', () => {
    const known = [...Object.values(METRICS), ...Object.values(ATTRIBUTES)].map(
      (one: { readonly name: string }) => one.name,
    );
    const said = all.flatMap(({ name, query }) =>
      [...query.matchAll(/"(sluice\.[a-z.]+)"/g)].map((match) => ({ name, said: match[1] ?? '' })),
    );
    assert.ok(said.length > 0);
    assert.deepEqual(
      said.filter((one) => !known.includes(one.said)),
      [],
    );
  });

  test('ask a metric for none but its own attributes', () => {
    const wrong = all.flatMap(({ name, query }) => {
      const metrics = Object.values(METRICS).filter((one: Metric) =>
        query.includes(`"${one.name}"`),
      ) as readonly Metric[];
      const own = metrics.flatMap((one) => one.attributes.map((attribute): string => ATTRIBUTES[attribute].name));
      const asked = [...query.matchAll(/Properties\["([^"]+)"\]/g)].map((match) => match[1] ?? '');
      // what is extended for all of them may be empty for one
      return metrics.length === 0
        ? []
        : asked
            .filter((one) => !own.includes(one) && !/^sluice\.(?:service|environment|standing)$/.test(one))
            .map((one) => `${name}: ${one}`);
    });
    assert.deepEqual(wrong, []);
  });

  test('are the same in the workbook and in their files', () => {
    const differing = shown.filter(
      ({ name, query }) => files.find((one) => one.name === `${name}.kql`)?.query !== query,
    );
    assert.deepEqual(
      differing.map(({ name }) => name),
      [],
    );
    assert.deepEqual(shown.map(({ name }) => `${name}.kql`).sort(), files.map(({ name }) => name).sort());
  });

  test('each alert has times that a scheduled query rule takes, and a window no shorter than its frequency', () => {
    const minutes: Readonly<Record<string, number>> = {
      PT5M: 5,
      PT15M: 15,
      PT30M: 30,
      PT1H: 60,
      P1D: 1_440,
      P2D: 2_880,
    };
    for (const { name, severity, evaluationFrequency, windowSize } of alerts) {
      const [every, window] = [minutes[evaluationFrequency], minutes[windowSize]];
      assert.ok(every !== undefined && window !== undefined && every <= 1_440 && window >= every, name);
      assert.ok(Number.isInteger(severity) && severity >= 0 && severity <= 4, name);
    }
    assert.equal(new Set(alerts.map((one) => one.name)).size, alerts.length);
  });
});
