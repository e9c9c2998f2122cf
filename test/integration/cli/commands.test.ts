import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseClient } from '../../../src/client/index.ts';
import type { ReleaseView } from '../../../src/client/index.ts';
import { APPROVAL, IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { no } from '../../support/answers.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { type Ran, type RunOptions, runSluice } from './run-sluice.ts';

describe('when the command line talks to an engine', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let pipeline: ReleaseClient;
  const sluice = (user: string, args: string, options: RunOptions = {}): Promise<Ran> =>
    runSluice(args.split(' '), {
      ...options,
      env: { TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace, SLUICE_USER: user },
    });
  const start = (version: string) =>
    pipeline.startRelease({
      service: 'iam',
      version,
      image: `${IMAGE.repository}@${IMAGE.digest}`,
      manifests: MANIFESTS,
    });
  const untilItWaits = async (version: string): Promise<void> => {
    for await (const event of pipeline.watch({ service: 'iam', version })) if (event.kind === 'waiting') return;
  };

  before(async () => {
    engine = await startEngine();
    engine.act(scriptedActivities({}, { approvals: { production: APPROVAL } }).activities);
    pipeline = await engine.client('pipeline');
  });
  after(() => engine.stop());

  test('status says what is waited for and the commands that answer it, in plain text on a pipe', async () => {
    await start('1.0.0');
    await untilItWaits('1.0.0');
    const { exit, out } = await sluice('anna', 'status iam 1.0.0');
    assert.equal(exit, 0);
    assert.match(out, /^iam 1\.0\.0 {2}promoting\n/);
    assert.match(out, /production {2}waiting-for-approval/);
    assert.match(out, /sluice approve iam 1\.0\.0/);
    assert.ok(!out.includes('\u001b'), 'no colours on a pipe');
    const json = await sluice('anna', 'status iam 1.0.0 --json');
    const view = JSON.parse(json.out) as ReleaseView;
    assert.equal(view.release.legs.length, 3);
    assert.equal(view.promotions.at(-1)?.phase, 'waiting-for-approval');
  });

  test('the requester may not approve, a colleague may, and the watcher exits with the outcome', async () => {
    await start('1.1.0');
    await untilItWaits('1.1.0');
    const watching = sluice('ben', 'watch iam 1.1.0');
    const own = await sluice('pipeline', 'approve iam 1.1.0');
    assert.equal(own.exit, 3);
    assert.match(own.err, /approval-excluded/);
    const other = await sluice('anna', 'approve iam 1.1.0 --reason fine');
    assert.equal(other.exit, 0, other.err);
    assert.match(other.out, /iam 1\.1\.0 → production/);
    assert.match(other.out, /anna said yes to plan sha256:/);
    const watched = await watching;
    assert.equal(watched.exit, 0);
    assert.match(watched.out, /production {2}done {5}record|done +record/);
    assert.match(watched.out, /outcome +released/);
  });

  test('a no ends the release; whoever watches it exits with 3', async () => {
    await start('1.2.0');
    await untilItWaits('1.2.0');
    assert.equal((await sluice('anna', 'reject iam 1.2.0')).exit, 3);
    assert.equal((await sluice('anna', 'reject iam 1.2.0 --reason later')).exit, 0);
    assert.equal((await sluice('anna', 'watch iam 1.2.0')).exit, 3);
    const again = await sluice('anna', 'approve iam 1.2.0 --json');
    assert.equal(again.exit, 3);
    assert.equal((JSON.parse(again.err) as { error: { code: string } }).error.code, 'release-finished');
  });

  test('pause, resume, abort answer in one sentence; the list and the board know', async () => {
    await start('1.3.0');
    await untilItWaits('1.3.0');
    for (const command of [
      'pause iam 1.3.0 --for 2h --reason incident',
      'resume iam 1.3.0',
      'abort iam 1.3.0 --reason wrong',
    ]) {
      const { exit, out, err } = await sluice('anna', command);
      assert.equal(exit, 0, err);
      assert.match(out, /^.+\n$/);
    }
    assert.equal((await sluice('anna', 'watch iam 1.3.0')).exit, 5);
    assert.equal((await sluice('anna', 'retry iam 1.3.0')).exit, 3);
    assert.match((await sluice('anna', 'list --service iam')).out, /iam +1\.3\.0/);
    assert.match((await sluice('anna', 'board iam')).out, /iam +production +1\.1\.0 .*pipeline \(yes: anna\)/);
  });

  test('waiting has an end, and Ctrl-C or a reader who has gone ends the watching, not the release', async () => {
    await start('1.4.0');
    await untilItWaits('1.4.0');
    const late = await sluice('anna', 'watch iam 1.4.0 --timeout 500ms');
    assert.equal(late.exit, 7);
    assert.match(late.err, /goes on/);
    const interrupted = await sluice('anna', 'watch iam 1.4.0', { interruptAt: /waiting/ });
    assert.equal(interrupted.exit, 130);
    const unread = await sluice('anna', 'watch iam 1.4.0', { unread: true });
    assert.deepEqual([unread.exit, unread.err], [0, '']);
    assert.equal((await pipeline.status({ service: 'iam', version: '1.4.0' })).release.outcome, undefined);
  });

  test('a refused release shows the code and exits with 3; --json is one event per line', async () => {
    engine.act(scriptedActivities({ verifySignatures: async () => no('signature-missing') }).activities);
    await start('1.5.0');
    const { exit, out } = await sluice('anna', 'watch iam 1.5.0 --json');
    assert.equal(exit, 3);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string });
    assert.equal(events.at(-1)?.kind, 'outcome');
  });

  test('the audit says who did what and with what proof, and exits with 10 where the trail breaks off', async () => {
    const all = await sluice('anna', 'audit --service iam --since 1d');
    assert.equal(all.exit, 10, all.err);
    assert.match(all.out, /pipeline +start +iam 1\.1\.0/);
    assert.match(all.out, /anna +approve +iam 1\.1\.0 production +fine/);
    assert.match(all.out, /engine +end +iam 1\.2\.0 .*refused/);
    assert.match(all.out, /no-record +iam 1\.1\.0 production: the environment has left no signed record/);
    assert.match(all.out, /no-approval +iam 1\.1\.0 production: nothing vouches for anna/);
    const rejected = await sluice('anna', 'audit --what reject --who Anna --json');
    const { entries } = JSON.parse(rejected.out) as { entries: { who: string; why?: string; version?: string }[] };
    assert.deepEqual(
      entries.map(({ who, why, version }) => [who, why, version]),
      [['anna', 'later', '1.2.0']],
    );
    const none = await sluice('anna', 'audit --until 2020-01-01 --json');
    assert.deepEqual([none.exit, JSON.parse(none.out)], [0, { entries: [], gaps: [], histories: 0 }]);
    assert.equal((await sluice('anna', 'audit --since yesterday')).exit, 2);
  });

  test('what does not exist exits with 9', async () => {
    const { exit, err } = await sluice('anna', 'status iam 0.0.0');
    assert.equal(exit, 9);
    assert.match(err, /release-not-found.*\n.*sluice list/s);
  });
});
