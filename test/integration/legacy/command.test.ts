/** `sluice legacy plan` as a user runs it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { runSluice } from '../cli/run-sluice.ts';

describe('when "sluice legacy plan" is run', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'legacy-command-'));
    mkdirSync(join(folder, 'lists'));
    mkdirSync(join(folder, 'twice'));
    mkdirSync(join(folder, 'used'));
    const pipelines = [
      { id: 1, name: 'legacy-iam' },
      { id: 2, name: 'legacy-web' },
    ];
    const runs = pipelines.map(({ id }) => ({ definition: { id }, finishTime: '2020-01-01T00:00:00Z' }));
    writeFileSync(join(folder, 'lists', 'pipelines.json'), JSON.stringify(pipelines));
    writeFileSync(join(folder, 'lists', 'pipeline-runs.json'), JSON.stringify(runs));
    writeFileSync(join(folder, 'twice', 'pipelines.json'), JSON.stringify([...pipelines, pipelines[0]]));
    writeFileSync(join(folder, 'used', 'azure-pipelines.yml'), 'resources: { pipelines: [{ source: legacy-web }] }');
    writeFileSync(join(folder, 'sluice.yaml'), GOOD);
    mkdirSync(join(folder, 'keys'));
    writeFileSync(join(folder, 'keys', 'cosign.pub'), PUBLIC_KEY);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const plan = (lists: string, ...more: string[]) =>
    runSluice(['legacy', 'plan', '--lists', lists, '--look-in', 'used', ...more], {
      cwd: folder,
      env: { AZURE_SUBSCRIPTION_ID: '00000000-0000-4000-8000-000000000000' },
    });

  test('it prints what may go with its three commands, and why the rest stays', async () => {
    const { exit, out, err } = await plan('lists');
    assert.equal(exit, 0, err);
    assert.match(out, /stays +pipeline legacy-web \(2\)\n +referred to in used\/azure-pipelines\.yml/);
    assert.match(out, /may go +pipeline legacy-iam \(1\)[^]*az pipelines delete --id 1/);
  });

  test('as JSON what stays has no steps', async () => {
    const { out } = await plan('lists', '--json');
    const { items } = JSON.parse(out) as { items: { name: string; steps?: unknown }[] };
    assert.deepEqual(
      items.map(({ name, steps }) => [name, steps !== undefined]),
      [
        ['legacy-iam (1)', true],
        ['legacy-web (2)', false],
      ],
    );
  });

  test('a duplicate in a list ends with 2 and says where', async () => {
    const { exit, out, err } = await plan('twice');
    assert.equal(exit, 2);
    assert.equal(out, '');
    assert.match(err, /pipelines\.json\n +"1" stands there twice/);
  });
});
