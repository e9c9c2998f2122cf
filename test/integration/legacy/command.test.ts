/** `sluice legacy plan` and `check` as a user runs them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
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

describe('when "sluice legacy check" is run with a plan that was kept', () => {
  let folder: string;
  const DAY = 86_400_000;
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  const sluice = (...args: string[]) =>
    runSluice(['legacy', ...args], {
      cwd: folder,
      env: { AZURE_SUBSCRIPTION_ID: '00000000-0000-4000-8000-000000000000' },
    });
  const record = (queueStatus: string, finishTime = '2020-01-01T00:00:00Z'): void => {
    write('lists/pipelines.json', [
      { id: 1, name: 'legacy-iam', queueStatus },
      { id: 2, name: 'legacy-web', queueStatus },
    ]);
    write(
      'lists/pipeline-runs.json',
      [1, 2].map((id) => ({ definition: { id }, finishTime: id === 1 ? finishTime : '2020-01-01T00:00:00Z' })),
    );
  };
  const check = (...more: string[]) =>
    sluice('check', '--plan', 'plan.json', '--lists', 'lists', '--look-in', 'used', ...more);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'legacy-check-'));
    for (const name of ['lists', 'used', 'keys']) mkdirSync(join(folder, name));
    write('keys/cosign.pub', PUBLIC_KEY);
    write('sluice.yaml', GOOD);
    write('used/azure-pipelines.yml', 'steps: []');
    record('enabled');
    const { out, err } = await sluice('plan', '--lists', 'lists', '--look-in', 'used', '--json');
    assert.equal(err, '');
    write('early.json', out);
    // as if the waiting time were over
    write('plan.json', { ...JSON.parse(out), removeNotBefore: new Date(Date.now() - DAY).toISOString() });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test('what is disabled, unused and not referred to may be removed, each with the command and how it is brought back', async () => {
    record('disabled');
    const { exit, out, err } = await check();
    assert.equal(exit, 0, out + err);
    assert.match(
      out,
      /remove +pipeline legacy-iam \(1\)\n +now +az pipelines delete --id 1\n +to undelete +PATCH .*definitions\/1\?deleted=false/,
    );
    assert.match(out, /2 may be removed now, 0 refused/);
  });

  test('what was used or is referred to since is refused, with the command that takes it back, and the rest is not', async () => {
    record('disabled', '2020-02-01T00:00:00Z');
    const used = await check();
    assert.equal(used.exit, 10);
    assert.match(
      used.out,
      /refused +pipeline legacy-iam \(1\)\n +used since the plan was made: 2020-02-01T00:00:00.000Z\n +to take back set pipeline 1 to "Enabled"/,
    );
    assert.match(used.out, /1 may be removed now, 1 refused/);
    record('disabled');
    write('used/azure-pipelines.yml', 'resources: { pipelines: [{ source: legacy-web }] }');
    const referred = await check('--json');
    write('used/azure-pipelines.yml', 'steps: []');
    const answers = JSON.parse(referred.out) as { name: string; mayBeRemoved: boolean; because: string[] }[];
    assert.deepEqual(
      answers.map(({ name, mayBeRemoved, because }) => [name, mayBeRemoved, because]),
      [
        ['legacy-iam (1)', true, []],
        ['legacy-web (2)', false, ['referred to in used/azure-pipelines.yml']],
      ],
    );
  });

  test('before the waiting time is over, and while it is not disabled, nothing is removed', async () => {
    record('enabled');
    const { exit, out } = await sluice('check', '--plan', 'early.json', '--lists', 'lists', '--look-in', 'used');
    assert.equal(exit, 10);
    assert.match(out, /not before \d{4}-\d\d-\d\d\n +it was not disabled/);
    assert.match(out, /0 may be removed now, 2 refused/);
  });

  test('lists that are older than a day say nothing about now', async () => {
    record('disabled');
    const old = new Date(Date.now() - 2 * DAY);
    utimesSync(join(folder, 'lists/pipeline-runs.json'), old, old);
    const { exit, err } = await check();
    assert.equal(exit, 2);
    assert.match(err, /pipeline-runs\.json[^]*says nothing about what happened since/);
    assert.equal((await check('--recorded-within', '3d')).exit, 0);
  });

  test('what is in no list any more is refused, not removed twice', async () => {
    record('disabled');
    write('lists/pipelines.json', [{ id: 1, name: 'legacy-iam', queueStatus: 'disabled' }]);
    const { exit, out } = await check();
    assert.equal(exit, 10);
    assert.match(out, /refused +pipeline legacy-web \(2\)\n +it is in none of the lists any more/);
  });

  test('the way back of everything is printed the other way round, without any list', async () => {
    const { exit, out } = await sluice('check', '--plan', 'plan.json', '--undo');
    assert.equal(exit, 0);
    assert.match(
      out,
      /^pipeline legacy-web \(2\)\n +if removed +PATCH .*\n +then +set pipeline 2 to "Enabled"[^]*pipeline legacy-iam \(1\)/,
    );
  });

  test('anything but a kept plan is refused, and so is a check without lists', async () => {
    const wrong = await sluice('check', '--plan', 'sluice.yaml', '--undo');
    assert.equal(wrong.exit, 2);
    assert.match(wrong.err, /is no plan of what may go/);
    const none = await sluice('check', '--plan', 'plan.json');
    assert.equal(none.exit, 2);
    assert.match(none.err, /without --lists and --look-in nothing can be checked/);
  });
});
