/** `sluice rollback` as people type it, and what the other commands say meanwhile. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { EnvironmentView, ListedRelease, ReleaseClient, RollbackView } from '../../../src/client/index.ts';
import { no } from '../../support/answers.ts';
import { APPROVAL, IMAGE, MANIFESTS, type Script, scriptedActivities } from '../../support/scripted-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const PATH = ['dev', 'production'];
const BACK = 'rollback iam --environment production --reason errors';
const isNamed = ({ version }: ListedRelease): boolean => version !== undefined;
const NOTHING_KNOWN = { findKnownGood: async () => no('rollback-impossible') };

describe('when somebody types "sluice rollback"', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let pipeline: ReleaseClient;
  const sluice = (user: string, args: string): Promise<Ran> =>
    runSluice(args.split(' '), {
      env: { TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace, SLUICE_USER: user },
    });

  before(async () => {
    engine = await startEngine();
    pipeline = await engine.client('pipeline');
    act({}, {});
    await pipeline.startRelease({
      ...{ service: 'iam', version: '1.0.0', manifests: MANIFESTS },
      image: `iam@${IMAGE.digest}`,
    });
    await pipeline.wait({ service: 'iam', version: '1.0.0' });
    act();
  });
  after(() => engine.stop());
  afterEach(async () => {
    await pipeline.liftHold({ service: 'iam', environment: 'production' }).catch(() => undefined);
  });

  function act(
    script: Script = {},
    approvals: Readonly<Record<string, typeof APPROVAL>> = { production: APPROVAL },
  ): void {
    const known = { version: '1.0.0', image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' };
    const findKnownGood = async () => ({ ok: true, known }) as const;
    engine.act(scriptedActivities({ findKnownGood, ...script }, { path: PATH, turns: 'queue', approvals }).activities);
  }

  const untilListed = async (): Promise<void> => {
    while ((await pipeline.rollbacks('production')).length === 0);
  };

  const untilAsked = async (): Promise<void> => {
    const isAsked = async () =>
      (await pipeline.rollback('iam', 'production')).standing?.phase === 'waiting-for-approval';
    while (!(await isAsked()));
  };

  test('it says where it goes and what approves it; so do environment, status and list; the given command works', async () => {
    const { exit, out, err } = await sluice('grace', BACK);
    assert.equal(exit, 0, err);
    assert.match(out, /^roll-back of iam in production is started\n/);
    assert.match(
      out,
      /production goes back to iam 1\.0\.0: errors, for grace\n +promotion +promotion\/iam\/1\.0\.0\/production\n/,
    );
    const [approve = ''] =
      /sluice approve iam 1\.0\.0 --environment production --plan sha256:[0-9a-f]+/.exec(out) ?? [];
    assert.notEqual(approve, '', out);
    assert.match(out, /follow it: +sluice watch iam 1\.0\.0\n/);

    await untilListed();
    const there = await sluice('anna', 'environment production');
    assert.match(there.out, /goes back to iam 1\.0\.0: errors, for grace/);
    assert.ok(there.out.includes(approve), there.out);
    const [json] = JSON.parse((await sluice('anna', 'environment production --json')).out) as EnvironmentView[];
    assert.equal(json?.rollbacks?.[0]?.standing?.phase, 'waiting-for-approval');
    const status = await sluice('anna', 'status iam 1.0.0');
    assert.match(status.out, /back to production {2}waiting-for-approval, for grace: errors/);
    assert.ok(status.out.includes(approve), status.out);
    assert.match((await sluice('anna', 'list')).out, /iam +1\.0\.0 +roll-back running +production +approval .* grace/);

    const again = await sluice('anna', `${BACK} --json`);
    assert.equal((JSON.parse(again.out) as { how: string }).how, 'attached');
    const other = await sluice('anna', `${BACK} --to 0.1.0`);
    assert.equal(other.exit, 3);
    assert.match(other.err, /command-not-possible/);

    const own = await sluice('grace', approve.replace('sluice ', ''));
    assert.match(own.err, /approval-excluded/);
    const watching = sluice('ben', 'watch iam 1.0.0');
    assert.equal((await sluice('anna', approve.replace('sluice ', ''))).exit, 0);
    const watched = await watching;
    assert.equal(watched.exit, 0, watched.err);
    assert.match(watched.out, /goes back to iam 1\.0\.0, for grace: errors/);
    assert.equal((await pipeline.waitForRollback('iam', 'production')).outcome.kind, 'released');
    const listed = JSON.parse((await sluice('anna', 'list --rollbacks --json')).out) as ListedRelease[];
    assert.ok(listed.every((one) => one.rollback === true));
  });

  test('with --wait it shows what happens and exits with the outcome', async () => {
    act({}, {});
    const { exit, out, err } = await sluice('grace', `${BACK} --to 1.0.0 --wait`);
    assert.equal(exit, 0, err);
    assert.match(out, /production +promotion +production goes back to iam 1\.0\.0/);
    assert.match(out, /done +record/);
    assert.match(out, /outcome +released/);
    const json = await sluice('grace', `${BACK} --wait --json`);
    const view = JSON.parse(json.out) as RollbackView;
    assert.deepEqual([view.to, view.outcome?.kind, view.standing?.phase], ['1.0.0', 'released', 'finished']);
    act();
  });

  async function no(): Promise<void> {
    assert.equal((await sluice('anna', 'reject iam 1.0.0 --environment production --reason no')).exit, 0);
    await pipeline.waitForRollback('iam', 'production');
  }

  test('a no of the approvers exits with 3, and time that runs out with 7', async () => {
    const late = await sluice('grace', `${BACK} --wait --timeout 1s`);
    assert.equal(late.exit, 7, late.out);
    assert.match(late.err, /the roll-back of iam goes on; look at it with "sluice environment production"/);
    await untilAsked();
    await no();
    const waiting = sluice('grace', `${BACK} --wait`);
    await untilAsked();
    await no();
    const { exit, out } = await waiting;
    assert.equal(exit, 3);
    assert.match(out, /rejected by anna: no/);
  });

  test('where there is nothing to go back to, or an unknown version is named, it exits with 3 and says what is known', async () => {
    act(NOTHING_KNOWN);
    for (const args of [BACK, `${BACK} --to 9.9.9`, `${BACK} --wait`]) {
      const { exit, out } = await sluice('grace', args);
      assert.equal(exit, 3, out);
      assert.match(out, /refused/);
      if (!args.includes('--wait')) assert.match(out, /\n +docs\/errors\.md#rollback-impossible\n/);
    }
    const json = await sluice('grace', `${BACK} --json`);
    assert.equal((JSON.parse(json.out) as RollbackView).outcome?.refusal?.code, 'rollback-impossible');
    const refused = async () =>
      (await pipeline.list({ rollbacks: true })).filter(
        ({ version, outcome }) => version === undefined && outcome === 'refused',
      );
    while ((await refused()).length < 4);
    const [listed] = await refused();
    assert.deepEqual(
      [listed?.service, listed?.environment, listed?.rollback, listed?.requestedBy],
      ['iam', 'production', true, 'grace'],
    );
    assert.match((await sluice('grace', 'list --rollbacks')).out, /iam +roll-back refused +production .* grace\n/);
    act();
  });

  test('each roll-back is listed once, and where there is none it says so', async () => {
    const ids = (await pipeline.list({ rollbacks: true })).map((one) => `${one.version} ${one.startedAt}`);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal((await pipeline.list({ rollbacks: true, outcome: 'refused' })).filter(isNamed).length, 2);
    assert.equal((await sluice('grace', 'list --rollbacks --service other')).out, 'no roll-back\n');
  });

  test('without an environment or a reason, or with a version and --to, nothing is started', async () => {
    const before = await pipeline.list({ rollbacks: true });
    for (const args of [
      'rollback iam',
      'rollback iam --environment production',
      `${BACK} --to`,
      'rollback iam 1.0.0 --to 0.9.0',
    ])
      assert.equal((await sluice('grace', args)).exit, 2, args);
    assert.equal((await pipeline.list({ rollbacks: true })).length, before.length);
  });
});
