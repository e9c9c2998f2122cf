import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { withClient } from '../../../src/cli/session.ts';
import type { ReleaseClient } from '../../../src/client/index.ts';
import { IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from '../client/engine.ts';
import { type People, startPeople } from '../web/people.ts';
import { type Ran, runSluice } from './run-sluice.ts';

const KEY = { service: 'iam', version: '1.0.0' };

describe('when people sign in at an issuer and answer from a terminal', NEEDS_TEMPORAL, () => {
  let people: People;
  let engine: Engine;
  let pipeline: ReleaseClient;

  before(async () => {
    [people, engine] = await Promise.all([startPeople(), startEngine()]);
    const { checkApproval, rule } = people;
    engine.act(scriptedActivities({ checkApproval }, { approvals: { production: rule } }).activities);
    pipeline = await engine.client('pipeline');
  });
  after(async () => {
    await engine?.stop();
    await people?.stop();
  });

  /** As somebody with a configuration folder of their own. */
  const sluice = (who: string, args: readonly string[], heard?: (err: string) => void): Promise<Ran> =>
    runSluice(['--config', people.configFile, ...args], {
      env: {
        TEMPORAL_ADDRESS: engine.address,
        TEMPORAL_NAMESPACE: engine.namespace,
        XDG_CONFIG_HOME: join(people.folder, who),
        SLUICE_USER: who,
      },
      ...(heard === undefined ? {} : { heard }),
    });

  async function logIn(who: string, decision: 'approve' | 'deny' = 'approve'): Promise<Ran> {
    let decided = false;
    return sluice(who, ['login'], (err) => {
      const [, code] = /enter ([A-Z-]+)/.exec(err) ?? [];
      if (code === undefined || decided) return;
      decided = true;
      people.emulator.signIn.decide(code, who, decision);
    });
  }

  async function start(version: string, by: ReleaseClient = pipeline): Promise<void> {
    const image = `${IMAGE.repository}@${IMAGE.digest}`;
    await by.startRelease({ service: 'iam', version, image, manifests: MANIFESTS });
    for await (const event of by.watch({ service: 'iam', version })) if (event.kind === 'waiting') return;
  }

  test('two of the group let it in, and the history says what vouched for them', async () => {
    await start(KEY.version);
    for (const who of ['ada', 'grace']) {
      const login = await logIn(who);
      assert.equal(login.exit, 0, login.err);
      assert.match(
        login.out,
        new RegExp(`^${who}@example\\.test, vouched for by ${people.emulator.signIn.issuer} until `),
      );
      const answer = await sluice(who, ['approve', 'iam', KEY.version, '--reason', 'seen in staging']);
      assert.equal(answer.exit, 0, answer.err);
      assert.match(answer.out, new RegExp(`${who}@example\\.test said yes to plan`));
    }
    assert.equal((await pipeline.wait(KEY)).outcome.kind, 'released');
    const { promotions } = await pipeline.status(KEY);
    const given = promotions.flatMap((one) => one.approval?.given ?? []);
    assert.deepEqual(
      given.map(({ approver, proof, groups }) => [approver, proof, groups]),
      ['ada', 'grace'].map((who) => [`${who}@example.test`, 'oidc', ['release-managers']]),
    );
  });

  test('who left the group, who never was in it, and who started the release are refused by their token', async () => {
    await start('1.1.0', await engine.client('ada@example.test'));
    for (const [who, code] of [
      ['margaret', 'approval-wrong-group'],
      ['linus', 'approval-wrong-group'],
      ['ada', 'approval-excluded'],
    ] as const) {
      assert.equal((await logIn(who)).exit, 0);
      const refused = await sluice(who, ['approve', 'iam', '1.1.0', '--json']);
      assert.equal(refused.exit, 3, refused.err);
      assert.match(`${refused.out}${refused.err}`, new RegExp(code));
    }
  });

  test('whoever starts a release while they are logged in does not approve it, also when nobody said who starts it', async () => {
    assert.equal((await logIn('grace')).exit, 0);
    const { SLUICE_USER: _, ...surroundings } = process.env;
    const own = { TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace };
    process.env = { ...surroundings, ...own, XDG_CONFIG_HOME: join(people.folder, 'grace') };
    await withClient((client) => start('1.3.0', client));
    const { requestedBy } = (await pipeline.status({ service: 'iam', version: '1.3.0' })).release;
    assert.equal(requestedBy, 'grace@example.test');
    const refused = await sluice('grace', ['approve', 'iam', '1.3.0', '--json']);
    assert.equal(refused.exit, 3, refused.err);
    assert.match(`${refused.out}${refused.err}`, /approval-excluded/);
    assert.equal((await logIn('ada')).exit, 0);
    assert.equal((await sluice('ada', ['approve', 'iam', '1.3.0'])).exit, 0);
  });

  test('one person with a key and a login counts once', async () => {
    await start('1.2.0');
    assert.equal((await sluice('ada', ['approve', 'iam', '1.2.0'])).exit, 0);
    assert.equal((await sluice('ada-too', ['login', '--key', people.keyFile('ada'), '--as', 'ada'])).exit, 0);
    const second = await sluice('ada-too', ['approve', 'iam', '1.2.0']);
    assert.equal(second.exit, 3);
    assert.match(second.err, /approval-duplicate/);
  });

  test('who refuses at the issuer is not logged in', async () => {
    const { exit, err } = await logIn('linus', 'deny');
    assert.equal(exit, 2);
    assert.match(err, /login-failed[\s\S]*access_denied|access_denied[\s\S]*login-failed/);
  });
});
