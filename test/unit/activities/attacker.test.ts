/**
 * An attacker with every right on the Temporal namespace can put any request on a zone's task queue. What stands between that and
 * the environment is what the zone checks by itself. People sign with keys here: a name proves nothing.
 */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { createEnvironmentActivities } from '../../../activities/index.ts';
import type { EnvironmentActivities, StepRequest } from '../../../src/contract/activities.ts';
import { EXAMPLE_MANIFESTS } from '../../../examples/images.ts';
import { readFolder } from '../../../src/manifests/read-folder.ts';
import { packedWithoutSecrets } from '../../../src/manifests/without-secret-values.ts';
import { digestOfJson } from '../../../src/content/digest-of.ts';
import { isFailure, promote } from '../../support/activity-runs.ts';
import { ACTING, aGuardedWorld, type GuardedWorld, saidBy, signed } from '../../support/guarded-world.ts';
import { type Pushed, requestFor } from '../../support/memory-world.ts';
import { NOW } from '../../support/people.ts';

/** Activities that change nothing, and so need not have been let in. */
const LOOKING = [
  ...['resolveImage', 'planPromotion', 'checkApproval', 'checkOverride', 'checkGates'],
  ...['findKnownGood', 'findSoaked', 'recallEnvironment', 'verifySignatures', 'verifyDigest', 'checkPullable'],
  ...['rollOut', 'proveRunning', 'checkHealth', 'lookAfter'],
  ...['observeImage', 'observeGates', 'observeRegistry', 'observeCluster'],
  ...['checkWayBack', 'checkAsItWas', 'lookToAdopt'],
] as readonly (keyof EnvironmentActivities)[];

/** What lets in, what anybody may say (a stop), and what is kept of what has ended, and what a word for just that takes over: each with tests of its own. */
const ALONE: readonly (keyof EnvironmentActivities)[] = ['admit', 'writeRestraints', 'keepEvidence', 'adopt'];

const FORWARD = ['importImage', 'copySignatures', 'lockImage', 'applyManifests'] as const;

describe('when somebody asks a zone for something by hand', () => {
  let world: GuardedWorld;
  let pushed: Pushed;
  let every: readonly (keyof EnvironmentActivities)[];
  beforeEach(async () => {
    world = await aGuardedWorld();
    pushed = await world.push('one');
    every = Object.keys(createEnvironmentActivities(world.zones.staging)) as (keyof EnvironmentActivities)[];
  });

  /** The last line of the audit trail: what was refused, to whom, as the server names them. */
  function logged(code: string, activityType: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const { message, ...line } = world.audit.at(-1) ?? { message: '' };
    const about = { environment: 'staging', service: 'iam', version: '1.0.0', ...fields };
    const from = { workflowId: 'promotion/iam', runId: 'run of promotion/iam' };
    const expected = { audit: 'refused', code, activityType, ...from, ...about };
    const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, line[name]]));
    assert.deepEqual(seen, expected, message);
    assert.match(message, /^refused: ./);
  }

  async function admitted(asked: StepRequest): Promise<StepRequest> {
    const answer = await world.ask('admit', asked);
    assert.ok(
      answer.ok && answer.planDigest === asked.planDigest && answer.closed === undefined,
      JSON.stringify(answer),
    );
    return { ...asked, baseline: answer.baseline };
  }

  async function notAdmitted(asked: StepRequest, code: string): Promise<void> {
    const answer = await world.ask('admit', asked);
    assert.ok(!answer.ok && answer.refusal.code === code, `${code}: ${JSON.stringify(answer)}`);
    logged(code, 'admit', { version: asked.plan.version, planDigest: asked.planDigest });
  }

  async function refusedToAct(request: StepRequest, names: readonly (typeof ACTING)[number][] = ACTING): Promise<void> {
    const before = [...world.clusters.staging.effects, ...world.registries.effects];
    for (const name of names) {
      await assert.rejects(world.ask(name, request), isFailure('not-admitted', true));
      logged('not-admitted', name, { version: request.plan.version });
    }
    assert.deepEqual([...world.clusters.staging.effects, ...world.registries.effects], before);
  }

  it('nothing is done for what was never let in, however well it is approved', async () => {
    await refusedToAct(await world.approved(pushed));
    world.untouched();
  });

  it('nothing is let in without the approvals that the zone itself asks for', async () => {
    const request = await world.approved(pushed);
    const { ada, bob, rita, grace, mallory } = world.people;
    const [yes] = request.approvals;
    assert.ok(yes);
    const { statement: _, ...name } = yes;
    const other = { ...request, planDigest: digestOfJson('another plan') };
    const no = { decision: 'reject', reason: 'no' } as const;
    const late = new Date(NOW.getTime() - 2 * 86_400_000);
    const forged: readonly (readonly [code: string, ...approvals: StepRequest['approvals']])[] = [
      ['approval-unproven'],
      ['approval-unproven', name],
      ['approval-unproven', { ...name, proof: 'key', groups: ['release-managers'], jti: 'one' }],
      ['approval-unproven', { ...yes, decision: 'approve', reason: 'words that nobody signed' }],
      ['approval-key-unknown', { ...(await signed(mallory, request)), approver: 'ada' }],
      ['approval-unproven', { ...(await signed(grace, request)), approver: 'ada' }],
      ['approval-wrong-group', await signed(grace, request)],
      ['approval-other-plan', await signed(ada, other)],
      ['approval-other-release', await signed(ada, request, { environment: 'production' })],
      ['approval-stale', await signed(ada, request, {}, late)],
      ['approval-rejected', await signed(ada, request, no)],
      ['approval-excluded', await signed(rita, request)],
      ['approval-rejected', yes, await signed(bob, request, no)],
    ];
    for (const [code, ...approvals] of forged) await notAdmitted({ ...request, approvals }, code);
    world.untouched();
  });

  it('people may be asked again where a yes has grown old, and not where there is none or somebody says no', async () => {
    const request = await world.approved(pushed);
    const { ada } = world.people;
    const late = new Date(NOW.getTime() - 2 * 86_400_000);
    const mayAskAgain = async (...approvals: StepRequest['approvals']) => {
      const answer = await world.ask('admit', { ...request, approvals });
      return !answer.ok && answer.askAgain === true;
    };
    assert.deepEqual(
      [
        await mayAskAgain(await signed(ada, request, {}, late)),
        await mayAskAgain(),
        await mayAskAgain(await signed(ada, request, { decision: 'reject', reason: 'no' })),
      ],
      [true, false, false],
    );
  });

  it('what does not count beside what suffices lets it in, and stands in the log', async () => {
    const request = await world.approved(pushed);
    const { ada, mallory } = world.people;
    const approvals = [await signed(mallory, request), ...request.approvals, await signed(ada, request)];
    await admitted({ ...request, approvals });
    assert.deepEqual(
      world.audit.map((line) => [line['code'], line['approver']]),
      [
        ['approval-key-unknown', 'mallory'],
        ['approval-duplicate', 'ada'],
      ],
    );
  });

  it('nothing goes back without the approvals either, and an old yes to the same version is none', async () => {
    const before = await world.approved(pushed);
    await promote(world, before);
    await promote(world, { ...(await world.approved(await world.push('two'), '2.0.0')), fence: 2 });
    const { service, version, environment, image, manifests } = before.plan;
    const where = { source: environment, manifestsPublished: true, rollback: true } as const;
    const back = await world.ask('planPromotion', { service, version, environment, image, manifests, ...where });
    assert.ok(back.ok, JSON.stringify(back));
    const known = world.clusters.staging.effects.length;
    const asked = { ...requestFor(back), fence: 3 };
    await notAdmitted(asked, 'approval-unproven');
    await notAdmitted({ ...asked, approvals: before.approvals }, 'approval-other-plan');
    assert.equal(world.clusters.staging.effects.length, known);
  });

  it('nothing is let in without a lease, or with one that a later one has followed', async () => {
    const { fence: _, ...without } = await world.approved(pushed);
    await notAdmitted(without, 'not-admitted');
    await notAdmitted({ ...(await world.approved(pushed)), fence: NOW.getTime() + 2 * 86_400_000 }, 'not-admitted');
    world.untouched();
    await admitted({ ...(await world.approved(await world.push('two'), '2.0.0')), fence: 7 });
    await notAdmitted({ ...(await world.approved(pushed)), fence: 6 }, 'turn-lost');
  });

  it('of two that are let in at the same instant the later lease is the one that holds', async () => {
    const earlier = { ...(await world.approved(pushed)), fence: 6 };
    const later = { ...(await world.approved(await world.push('two'), '2.0.0')), fence: 7 };
    const [, last] = await Promise.all([world.ask('admit', earlier), world.ask('admit', later)]);
    assert.ok(last.ok, JSON.stringify(last));
    await refusedToAct(earlier);
    assert.ok((await world.ask('importImage', { ...later, baseline: last.baseline })).ok);
  });

  it('nothing is let in while the environment remembers a stop or a hold, unless one of its groups said so', async () => {
    const { people } = world;
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: '2026-11-23T11:00:00Z' } as const;
    const restrained = (until: string) =>
      world.ask('writeRestraints', { environment: 'staging', restraints: [{ ...stop, until }] });
    const request = await world.approved(pushed);
    const passing = { overrides: ['stop'], reason: 'it mends the incident' };
    const stays = async (why: string, overrides: StepRequest['approvals']): Promise<void> => {
      const answer = await world.ask('admit', { ...request, overrides });
      assert.ok(answer.ok && answer.closed === true, `${why}: ${JSON.stringify(answer)}`);
      logged('gate-closed', 'admit');
    };

    await restrained('2026-11-23T13:00:00Z');
    await stays('nobody said so', []);
    await stays('a name', [{ ...(await signed(people.grace, request, passing)), statement: 'grace' }]);
    await stays('of another group', [await signed(people.bob, request, passing)]);
    await stays('a key that nobody knows', [await signed(people.mallory, request, passing)]);
    world.untouched();
    const codes = world.audit.map((line) => line['code']);
    for (const code of ['approval-malformed', 'approval-wrong-group', 'approval-key-unknown'])
      assert.ok(codes.includes(code), `${code}: ${codes.join(', ')}`);
    await admitted({ ...request, overrides: [await signed(people.grace, request, passing)] });

    await restrained('2026-11-23T11:59:00Z');
    await admitted({ ...(await world.approved(await world.push('two'), '2.0.0')), fence: 2 });
  });

  it('a plan that asks for no approval is answered with the one that the zone makes, and is not let in', async () => {
    const request = await world.approved(pushed);
    const { approval: _, ...plan } = request.plan;
    const forged = { ...request, plan, planDigest: digestOfJson(plan), approvals: [] };
    const answer = await world.ask('admit', forged);
    assert.ok(answer.ok && answer.planDigest === request.planDigest, JSON.stringify(answer));
    logged('plan-changed', 'admit', { planDigest: forged.planDigest });
    await refusedToAct(forged);
    world.untouched();
  });

  it('a plan that calls itself a way back is let in only to what ran well there', async () => {
    const request = await world.approved(pushed);
    const plan = { ...request.plan, rollback: true as const };
    await notAdmitted({ ...request, plan, planDigest: digestOfJson(plan) }, 'rollback-impossible');
    world.untouched();
  });

  it('an image that nobody trusted has signed is not let in, however well it is approved', async () => {
    const other = await world.push('two', { signer: 'mallory' });
    await notAdmitted(await world.approved(other), 'signature-untrusted');
    world.untouched();
  });

  it('a plan that was changed after it was let in, or a way back of somebody else, changes nothing', async () => {
    const request = await admitted(await world.approved(pushed));
    const other = await world.push('two', { signer: 'mallory' });
    const image = { repository: 'iam', digest: other.digest };
    const plan = { ...request.plan, image };
    const current = { ...request.plan, format: 1, image, objects: [], since: '', workflowId: '', approvedBy: [] };
    await refusedToAct({ ...request, plan });
    await refusedToAct({ ...request, plan, planDigest: digestOfJson(plan) });
    const baseline = { ...request.baseline, current: { ...current, format: 1, requestedBy: 'mallory' } as const };
    await refusedToAct({ ...request, baseline });
  });

  it('what was let in for one workflow is done for no other, whatever it calls itself', async () => {
    const request = await admitted(await world.approved(pushed));
    for (const from of ['by hand', { workflowId: 'promotion/iam', runId: 'another run' }])
      for (const name of ACTING) {
        const asked = { ...request, workflowId: 'promotion/iam' };
        await assert.rejects(world.ask(name, asked, from), isFailure('not-admitted', true));
      }
    assert.deepEqual(
      world.clusters.staging.effects.map((effect) => effect.kind),
      ['admitted', 'restrained'],
      'being let in is remembered, and that nothing restrains it',
    );
  });

  it('a promotion that has ended can be neither repeated nor undone by its own words', async () => {
    const request = await admitted(await world.approved(pushed));
    for (const name of FORWARD) assert.ok((await world.ask(name, request)).ok, name);
    assert.ok((await world.ask('recordPromotion', request)).ok);
    const effects = world.clusters.staging.effects.length + world.registries.effects.length;
    await refusedToAct(
      request,
      ACTING.filter((one) => one !== 'recordPromotion'),
    );
    assert.ok((await world.ask('recordPromotion', request)).ok, 'the last step may run twice');
    assert.equal(world.clusters.staging.effects.length + world.registries.effects.length, effects);
    await notAdmitted(request, 'approval-replayed');
  });

  it('a promotion that was displaced by a newer one changes nothing any more, and ends nothing of the newer one', async () => {
    const older = await admitted(await world.approved(pushed));
    const newer = await admitted({ ...(await world.approved(await world.push('two'), '2.0.0')), fence: 2 });
    await refusedToAct(older);
    assert.ok((await world.ask('importImage', newer)).ok);
  });

  it('an answer or an override that is not what it says does not count, and is logged under the name that it used', async () => {
    const request = await world.approved(pushed);
    const { plan, planDigest } = request;
    const about = { plan, planDigest, requestedBy: 'pipeline' };
    const forged = { ...(await saidBy(world.people.mallory, request)), approver: 'ada' };
    const answer = await world.ask('checkApproval', { ...about, statement: forged });
    assert.ok(!answer.ok && answer.refusal.code === 'approval-key-unknown');
    logged('approval-key-unknown', 'checkApproval', { approver: 'ada', planDigest, requestedBy: 'pipeline' });
    const overrides = { overrides: ['stop'], reason: 'let me' };
    const statement = { ...(await saidBy(world.people.mallory, request, overrides)), approver: 'grace' };
    const opened = await world.ask('checkOverride', { ...about, statement });
    assert.ok(!opened.ok && opened.refusal.code === 'approval-key-unknown');
    logged('approval-key-unknown', 'checkOverride', { approver: 'grace' });
  });

  it('a request for another zone is refused by every activity, before anything is looked at', async () => {
    const request = await world.approved(pushed);
    const elsewhere = { ...request, plan: { ...request.plan, environment: 'production' } };
    for (const name of every) {
      await assert.rejects(world.ask(name, elsewhere as never), isFailure('environment-unknown', true));
      logged('environment-unknown', name, { environment: 'production' });
      const bare = { environment: 'production' };
      await assert.rejects(world.ask(name, bare as never), isFailure('environment-unknown', true));
      logged('environment-unknown', name, { ...bare, service: undefined, version: undefined });
    }
    world.untouched();
  });

  it('every activity asks whether it was let in, only looks, or is one of those that guard themselves', async () => {
    assert.deepEqual([...ACTING, ...LOOKING, ...ALONE].toSorted(), every.toSorted());
  });

  it('what only looks changes nothing, whoever asks for it and for whatever', async () => {
    const request = await world.approved(pushed);
    const { service, version, environment, source, image, manifests } = request.plan;
    const statement = await saidBy(world.people.ada, request);
    const where = { service, version, environment, digest: image.digest };
    const about = { ...where, source, image, manifests, manifestsPublished: true };
    const files = await packedWithoutSecrets(await readFolder(fileURLToPath(EXAMPLE_MANIFESTS)));
    const of = {
      ...{ resolveImage: { ...where, image: `iam:${version}`, manifests }, planPromotion: about },
      ...{ observeImage: { ...about, at: 'dev', rulesOf: 'production' }, observeCluster: { ...request, files } },
      checkAsItWas: { ...where, was: { version, image, manifests } },
    };
    const asked = { ...request, statement, at: 'destination', to: 'new' } as const;
    const bare = [...['findKnownGood', 'findSoaked', 'recallEnvironment', 'lookAfter', 'checkWayBack', 'lookToAdopt']];
    const before = [...world.clusters.staging.effects, ...world.registries.effects];
    for (const name of LOOKING) {
      const own = Object.entries(of).find(([one]) => one === name)?.[1];
      const said = own ?? (bare.some((one) => one === name) ? where : asked);
      await world.ask(name, said as never, 'by hand').catch((error: unknown) => {
        assert.ok(error instanceof ApplicationFailure, `${name}: ${String(error)}`);
      });
      assert.deepEqual([...world.clusters.staging.effects, ...world.registries.effects], before, name);
    }
  });

  it('an observation looks where the zone’s own rules say, whatever plan it comes with', async () => {
    const request = await world.approved(pushed);
    const files = await packedWithoutSecrets(await readFolder(fileURLToPath(EXAMPLE_MANIFESTS)));
    const health = { url: 'http://169.254.169.254/' };
    const plan = { ...request.plan, namespace: 'kube-system', workloads: ['deployment/coredns'], health } as never;
    const answer = await world.ask('observeCluster', { ...request, plan, files }, 'by hand');
    assert.ok(answer.apply.ok, JSON.stringify(answer));
    assert.match(answer.live.says, /deployment\/iam/);
    assert.doesNotMatch(JSON.stringify(answer), /kube-system|coredns|169\.254/);
    const foreign = { ...request.plan, service: 'other' };
    await assert.rejects(
      world.ask('observeCluster', { ...request, plan: foreign, files }),
      isFailure('service-unknown', true),
    );
  });

  it('whatever is written into a request stays short in the audit trail', async () => {
    const request = await world.approved(pushed);
    const plan = { ...request.plan, environment: 'x'.repeat(100_000) };
    const asked = { ...request, plan, requestedBy: { name: 'no text' } as unknown as string };
    await assert.rejects(world.ask('admit', asked), isFailure('environment-unknown', true));
    assert.ok(JSON.stringify(world.audit.at(-1)).length < 5_000);
  });
});
