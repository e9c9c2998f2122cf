import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { STEPS } from '../../../src/domain/step.ts';
import { ROOT, read } from './import-walk.ts';

const PAGE = read('docs/guide-differences.md');

/** The guide's outline, in its order and nearly its words: it is no part of this repository, so what must have a row is kept here. */
const OUTLINE: Readonly<Record<string, readonly string[]>> = {
  'The two architectures': ['current complex flow', 'proposed simplified flow'],
  'Phase 1: infrastructure': [
    ...['1.1 resource groups', '1.1 three Premium registries', '1.1 admin user off', '1.1 public network'],
    ...['1.1 content trust', '1.1 vulnerability scanning', '1.1 retention of untagged manifests'],
    ...['1.2 admin user', '1.2 network access', '1.2 audit logging'],
    ...['1.3 development service principal', '1.3 staging service principal', '1.3 production service principal'],
    ...['1.3 promotion service principal', '1.3 role assignments', '1.3 credentials in Key Vault'],
  ],
  'Phase 2: Azure DevOps': [
    ...['2.1 service connection of development', '2.1 service connection for promotion'],
    ...['2.2 variable group of development', '2.2 variable group of staging', '2.2 variable group of production'],
  ],
  'Phase 3: pipelines': [
    ...['3.1 triggers', '3.1 version-generation', '3.1 build-container', '3.1 cosign-sign', '3.1 security-scan'],
    ...['3.1 publish build metadata', '3.1 deploy to development', '3.2 trigger', '3.2 source and target environment'],
    ...['3.2 service and image digest', '3.2 verify source image exists', '3.2 verify image signature'],
    ...['3.2 import image', '3.2 verify the digest after import', '3.2 lock production image'],
    ...['3.2 target reference as output', '3.2 trigger the deployment'],
  ],
  'Phase 4: deployment': [
    ...['4.1 parameters', '4.1 verify image accessibility', '4.1 verify signature', '4.1 apply manifests'],
    ...[
      '4.1 update image reference',
      '4.1 wait until it is available',
      '4.1 verify deployed image',
      '4.1 health check',
    ],
  ],
  'Phase 5: monitoring and governance': [
    ...['5.1 azure_monitor: ACR push/pull metrics', '5.1 azure_monitor: pipeline execution tracking'],
    ...['5.1 azure_monitor: deployment success rates', '5.1 azure_monitor: image promotion audit trail'],
    ...['5.1 log_analytics: service principal usage', '5.1 log_analytics: ACR access patterns'],
    ...['5.1 log_analytics: image signature verification', '5.1 log_analytics: deployment health metrics'],
    ...['5.1 alert: failed image promotions', '5.1 alert: unsigned image deployment attempts'],
    ...['5.1 alert: unusual ACR access patterns', '5.1 alert: service deployment failures', '5.2 policy'],
  ],
  'Migration timeline': [
    ...['week 1: create ACR instances', 'week 1: configure ACR security settings', 'week 1: create service principals'],
    ...['week 1: set up Azure DevOps service connections', 'week 1: configure variable groups'],
    ...['week 2: implement service-specific build pipelines', 'week 2: create promotion pipeline templates'],
    ...['week 2: develop deployment pipeline templates', 'week 2: test pipeline functionality'],
    ...['week 2: validate security scanning', 'week 3: implement monitoring dashboards'],
    ...['week 3: configure alerting rules', 'week 3: set up audit logging', 'week 3: deploy governance policies'],
    ...['week 3: create documentation and runbooks', 'week 4: run new pipelines alongside existing ones'],
    ...['week 4: compare artifacts and deployment outcomes', 'week 4: validate performance improvements'],
    ...['week 4: test rollback procedures', 'week 4: train teams', 'weeks 5–6: migrate IAM service'],
    ...['weeks 5–6: migrate utility service', 'weeks 5–6: migrate platform services'],
    ...['weeks 5–6: migrate remaining services', 'weeks 5–6: validate each migration step'],
    ...['weeks 7–8: decommission old blob storage workflows', 'weeks 7–8: remove legacy pipeline dependencies'],
    ...['weeks 7–8: update documentation', 'weeks 7–8: conduct final training sessions', 'weeks 7–8: celebrate'],
  ],
  'Success metrics': [
    ...['build time', 'promotion time', 'pipeline complexity', 'failure rate', '100 % signed images'],
    ...['immutable references', 'audit trail', 'access control', 'cost reduction', 'maintenance overhead'],
    ...['team productivity', 'scalability'],
  ],
};
const MISTAKES = 'Mistakes of the guide, and what is built instead';

/** Cells of the table below each heading, without its own. */
const tables = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map((section) => {
      const lines = section.split('\n').filter((line) => line.startsWith('|'));
      return [section.split('\n')[0] ?? '', lines.slice(2).map(cellsOf)] as const;
    }),
);

function cellsOf(line: string): readonly string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('when docs/guide-differences.md is read', () => {
  test('every item of the guide has one row, in the guide’s order, and nothing else has', () => {
    assert.deepEqual([...tables.keys()], [...Object.keys(OUTLINE), MISTAKES]);
    for (const [heading, items] of Object.entries(OUTLINE)) {
      const told = (tables.get(heading) ?? []).map(([item = '']) => item);
      assert.deepEqual(
        told.map((item, at) => (item.startsWith(items[at] ?? '–') ? items[at] : item)),
        items,
        heading,
      );
    }
  });

  test('every row says where the item is, how it is checked, and what differs; a mistake what is built instead, and what holds it', () => {
    for (const row of [...tables.values()].flat()) {
      assert.equal(row.length, 4, row.join(' | '));
      for (const cell of row) assert.notEqual(cell, '', row.join(' | '));
    }
    for (const [section = '', ...cells] of tables.get(MISTAKES) ?? []) {
      assert.match(section, /^[1-5]\.[1-3](?:, [1-5]\.[1-3])*$/);
      assert.match(cells[2] ?? '', /`(?:deploy\/.+\/)?test\//, `${cells[0]}: no test holds it`);
    }
  });

  test('every item but those that are no work of a program names a check that runs', () => {
    const unchecked = Object.keys(OUTLINE)
      .flatMap((heading) => tables.get(heading) ?? [])
      .filter(([, , check = '']) => !/`(?:deploy\/.+\/)?test\//.test(check))
      .map(([item]) => item);
    assert.deepEqual(unchecked, ['weeks 7–8: celebrate']);
  });

  test('every file and folder that it names is there', () => {
    const named = [...PAGE.matchAll(/`((?:test|deploy|pipelines|docs|src|workflows)\/[^`\s]*)`/g)].map(
      ([, path = '']) => path,
    );
    assert.ok(named.length > 150, `${named.length} paths`);
    assert.deepEqual(
      [...new Set(named)].filter((path) => !existsSync(posix.join(ROOT, path))),
      [],
    );
  });

  test('every step that it names is one', () => {
    const named = [...PAGE.matchAll(/\bsteps? `([a-z-]+)`(?: and `([a-z-]+)`)?/g)].flatMap(([, ...names]) =>
      names.filter(Boolean),
    );
    assert.ok(named.length > 8);
    const steps: readonly string[] = ['resolve', ...STEPS];
    assert.deepEqual(
      named.filter((name) => !steps.includes(name ?? '')),
      [],
    );
  });
});
