import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { checkout } from '../../../local/tools/place.mjs';

const read = (path: string): string => readFileSync(join(checkout, 'deploy', 'monitoring', path), 'utf8');

const { groups } = parse(read('prometheus/alerts.yml')) as {
  groups: { rules: { alert: string; annotations: { runbook: string } }[] }[];
};
const { alerts } = JSON.parse(read('azure/alerts.json')) as { alerts: { name: string; runbook: string }[] };
const all = [
  ...groups.flatMap(({ rules }) => rules.map(({ alert, annotations }) => ({ alert, runbook: annotations.runbook }))),
  ...alerts.map(({ name, runbook }) => ({ alert: name, runbook })),
];

describe('the runbook that an alert names', () => {
  for (const { alert, runbook } of all) {
    test(`${alert}: ${runbook} is there`, () => {
      assert.ok(existsSync(join(checkout, runbook)), runbook);
    });
  }
});
