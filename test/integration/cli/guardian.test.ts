import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../local/tools/until.ts';
import { lookAgain } from '../../../activities/failures.ts';
import type { GuardianView, ReleaseClient, ReleaseView } from '../../../src/client/index.ts';
import type { LookAnswer, LookRequest } from '../../../src/contract/guardian-workflow.ts';
import { type Finding, findingsKey } from '../../../src/domain/finding.ts';
import { scriptedActivities } from '../../support/scripted-activities.ts';
import { GOOD, PUBLIC_KEY } from '../../unit/config/written.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const AT = '2026-11-30T12:00:00.000Z';
const GUARDED = { version: '1.0.0', digest: 'sha256:a', since: AT, workflowId: 'promotion/iam', requestedBy: 'ada' };
const UNLOCKED: Finding = {
  ...{ about: 'locks', what: 'tag 1.0.0', code: 'image-unlocked', since: AT },
  ...{ message: 'tag 1.0.0 is not locked any more', remedy: 'lock it again' },
};
const DIGEST = `sha256:${'a'.repeat(64)}`;
const RELEASE = { service: 'iam', image: `iam@${DIGEST}`, manifests: DIGEST };
const PLACE = '--environment production --service iam';

describe('when guardians are asked on the command line', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let client: ReleaseClient;
  let folder = '';
  let findings: readonly Finding[] = [];
  const sluice = (args: string): Promise<Ran> =>
    runSluice(args.split(' '), {
      cwd: folder,
      env: {
        AZURE_SUBSCRIPTION_ID: 'sub',
        TEMPORAL_ADDRESS: engine.address,
        TEMPORAL_NAMESPACE: engine.namespace,
        SLUICE_USER: 'grace',
      },
    });
  /** As a zone looks: what is new is an answer, and so is whatever somebody asks for. */
  async function lookAfter({ known, answer }: LookRequest): Promise<LookAnswer> {
    const isNew = findingsKey(known) !== findingsKey(findings);
    if (!isNew && answer !== true) throw lookAgain({ lookedAt: AT, said: 'nothing has changed' }, 200);
    const seen = { at: AT, guarded: GUARDED, repository: 'iam', findings, confirmed: true } as const;
    return { kind: 'seen', ...seen, wanted: 'alert' };
  }

  before(async () => {
    engine = await startEngine();
    client = await engine.client('pipeline');
    folder = mkdtempSync(join(tmpdir(), 'sluice-guardian-'));
    writeFileSync(join(folder, 'sluice.yaml'), GOOD.replace('keys/cosign.pub', 'cosign.pub'));
    writeFileSync(join(folder, 'cosign.pub'), PUBLIC_KEY);
    engine.act(scriptedActivities({ lookAfter }).activities);
  });
  after(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  test('it is said how one comes to be, and misspelt names are told', async () => {
    const none = await sluice('guardian');
    assert.deepEqual([none.exit, none.err], [0, '']);
    assert.match(none.out, /^no guardian: /);
    assert.match((await sluice('guardian --environment prodution')).err, /did you mean "production"\?/);
    const incomplete = await sluice('guardian --check --service iam');
    assert.equal(incomplete.exit, 2);
    assert.match(incomplete.err, /--check needs --environment and --service/);
  });

  test('a look is had at once, and the exit code says whether all is as it was left', async () => {
    const fine = await sluice(`guardian ${PLACE} --check`);
    assert.deepEqual([fine.exit, fine.out], [0, 'iam 1.0.0 in production is as its promotion left it\n']);
    findings = [UNLOCKED];
    const found = await sluice(`guardian ${PLACE} --check --json`);
    assert.equal(found.exit, 10, found.err);
    assert.deepEqual((JSON.parse(found.out) as { seen: readonly Finding[] }).seen, [UNLOCKED]);
  });

  test('the list has what was found and when it was looked, and so have the board and the environment', async () => {
    const listed = async (): Promise<GuardianView | undefined> => (await client.guardians({ drifted: true }))[0];
    await until(async () => (await listed())?.lookedAt, { what: 'it is in the list', timeoutMs: 30_000 });
    const { exit, out } = await sluice('guardian --environment production');
    assert.equal(exit, 10);
    assert.match(out, /^production +iam +1\.0\.0 +1 found +2026-11-30 /m);
    for (const text of [out, (await sluice('board')).out, (await sluice('environment production')).out]) {
      assert.match(text, /iam 1\.0\.0 in production drifted since 2026-11-30 /);
      assert.match(text, /locks tag 1\.0\.0: tag 1\.0\.0 is not locked any more/);
    }
  });

  test('the status of a release has it where that version is what runs, and only there', async () => {
    const status = async (version: string): Promise<ReleaseView> => {
      const { exit, out, err } = await sluice(`status iam ${version} --json`.replace('  ', ' '));
      assert.equal(exit, 0, err);
      return JSON.parse(out) as ReleaseView;
    };
    const nothing = await sluice('status iam');
    assert.match(nothing.err, /there is no release of iam/);
    for (const version of ['1.0.0', '1.1.0']) await client.startRelease({ ...RELEASE, version });
    await until(async () => (await client.list({ service: 'iam' })).length === 2, {
      what: 'the list',
      timeoutMs: 30_000,
    });
    const [ours] = (await status('1.0.0')).drifted ?? [];
    assert.deepEqual([ours?.environment, ours?.findings.map(({ about }) => about)], ['production', ['locks']]);
    assert.equal((await status('1.1.0')).drifted, undefined);
    const newest = await status('');
    assert.deepEqual([newest.release.version, newest.drifted?.[0]?.guarded?.version], ['1.1.0', '1.0.0']);
    for (const args of ['status iam 1.0.0', 'status iam'])
      assert.match((await sluice(args)).out, /^iam 1\.0\.0 in production drifted since 2026-11-30 /m);
    assert.doesNotMatch((await sluice('status iam 1.1.0')).out, /drifted/);
  });
});
