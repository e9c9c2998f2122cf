/** How a rehearsal of the way back ends when one of its ways fails, when it is cancelled, and when somebody else is faster. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { environmentQuery, liftUpdate, restrainUpdate } from '../../../src/contract/environment-workflow.ts';
import {
  REHEARSAL,
  type RehearsalInput,
  rehearsalQuery,
  rehearsalStart,
  type RehearsalStatus,
} from '../../../src/contract/rehearsal-workflow.ts';
import { ROLLBACK, type RollbackInput, rollbackStart } from '../../../src/contract/rollback-workflow.ts';
import { environmentId } from '../../../src/contract/workflow-ids.ts';
import { until as eventually } from '../../../local/tools/until.ts';
import { no, YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { IMAGE, MANIFESTS, type Script, scriptedActivities } from '../../support/scripted-activities.ts';

const HERE = 'dev';
const INPUT: RehearsalInput = {
  ...{ service: 'iam', environment: HERE, forReal: true, reason: 'before wave 2', requestedBy: 'grace' },
};
const KNOWN = { image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' };
const OLD = '0.9.0';
const NEW = '1.0.0';

describe('a rehearsal of the way back', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const start = () => engine.env.client.workflow.start(REHEARSAL, { ...rehearsalStart(INPUT), args: [INPUT] });
  const desk = () => engine.env.client.workflow.getHandle(environmentId(HERE));
  const holds = async (): Promise<readonly string[]> =>
    (await desk().query(environmentQuery)).restraints.map(({ reason }) => reason);
  const lift = () => desk().executeUpdate(liftUpdate, { args: [{ kind: 'hold', service: 'iam', by: 'grace' }] });
  const inWorld = (script: Script, work: (calls: readonly string[]) => Promise<void>) => {
    const findKnownGood: Script['findKnownGood'] = async ({ to = OLD }) => ({
      ...{ ok: true, known: { ...KNOWN, version: to }, current: to === OLD ? NEW : OLD },
    });
    const { activities, calls } = scriptedActivities({ findKnownGood, ...script }, { path: [HERE], turns: 'queue' });
    return engine.during(activities, () => work(calls));
  };

  it('whose way back fails is undone, proven to be as before, and leaves no hold', async () => {
    const rollOut: Script['rollOut'] = async ({ plan, to }) =>
      plan.version === OLD && to === 'new' ? no('roll-out-timeout') : YES;
    await inWorld({ rollOut }, async (calls) => {
      const report = (await (await start()).result()) as RehearsalStatus;
      assert.equal(report.ok, false);
      assert.equal(report.back?.outcome?.kind, 'rolled-back', report.said);
      assert.equal(report.forward, undefined);
      assert.equal(report.left, undefined);
      assert.ok(calls.includes(`checkAsItWas(${HERE})`), calls.join());
      assert.deepEqual(await holds(), []);
    });
  });

  it('after which it is not as it was keeps its hold and says what is left', async () => {
    const checkAsItWas: Script['checkAsItWas'] = async () => ({
      checks: [{ check: 'as before: running', ok: false, said: 'another digest runs' }],
    });
    await inWorld({ checkAsItWas }, async () => {
      const report = (await (await start()).result()) as RehearsalStatus;
      assert.equal(report.forward?.outcome?.kind, 'released', report.said);
      assert.equal(report.ok, false);
      assert.match(report.left?.todo.at(-1) ?? '', /--finish$/);
      assert.deepEqual(await holds(), [`going back to ${NEW}: rehearsal: before wave 2`]);
      await lift();
    });
  });

  it('leaves a hold that somebody else has set meanwhile', async () => {
    const word = { kind: 'hold', service: 'iam', by: 'ada', reason: 'I look at it' } as const;
    const checkAsItWas: Script['checkAsItWas'] = async () => {
      await desk().executeUpdate(restrainUpdate, { args: [word] });
      return { checks: [{ check: 'as before: running', ok: true, said: 'it runs' }] };
    };
    await inWorld({ checkAsItWas }, async () => {
      const report = (await (await start()).result()) as RehearsalStatus;
      assert.equal(report.ok, true, report.said);
      assert.deepEqual(await holds(), ['I look at it']);
      await lift();
    });
  });

  it('that is cancelled once it has gone back comes forward all the same', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const recordPromotion: Script['recordPromotion'] = async ({ plan }) =>
      plan.version === OLD ? promise.then(() => YES) : YES;
    await inWorld({ recordPromotion }, async () => {
      const handle = await start();
      const view = (): Promise<RehearsalStatus> => handle.query(rehearsalQuery);
      await eventually(async () => (await view()).back?.runId, { what: 'the way back', timeoutMs: 120_000 });
      resolve();
      await eventually(async () => ((await view()).phase === 'back' ? undefined : true), {
        ...{ what: 'the way forward', timeoutMs: 120_000 },
      });
      await handle.cancel();
      const report = (await handle.result()) as RehearsalStatus;
      assert.equal(report.forward?.outcome?.kind, 'released', report.said);
      assert.equal(report.ok, true, report.said);
      assert.deepEqual(await holds(), []);
    });
  });

  it('is refused while somebody goes back in earnest, whose hold stays', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const rollOut: Script['rollOut'] = () => promise.then(() => YES);
    const asked: RollbackInput = { service: 'iam', environment: HERE, reason: 'errors', requestedBy: 'ada' };
    await inWorld({ rollOut }, async (calls) => {
      const earnest = await engine.env.client.workflow.start(ROLLBACK, { ...rollbackStart(asked), args: [asked] });
      await eventually(() => calls.includes(`rollOut(${HERE}, new)`) || undefined, {
        ...{ what: 'the roll-back', timeoutMs: 120_000 },
      });
      const report = (await (await start()).result()) as RehearsalStatus;
      assert.equal(report.ok, false);
      assert.match(report.said ?? '', /a roll-back of somebody else is under way/);
      assert.deepEqual(await holds(), [`going back to ${OLD}: errors`]);
      resolve();
      await earnest.result();
      await lift();
    });
  });
});
