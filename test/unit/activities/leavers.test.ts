/** Who has left a group and kept key and token, and can put any request on a zone's task queue. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createOidcApprovals } from '../../../src/adapters/approvals/oidc/create-oidc-approvals.ts';
import type { StepRequest } from '../../../src/contract/activities.ts';
import type { ApprovalStatement, GivenApproval } from '../../../src/domain/approval.ts';
import type { StatementFacts } from '../../../src/domain/statement.ts';
import { thumbprintOf } from '../../../src/statements/public-key.ts';
import { planFor, runFrom } from '../../support/activity-runs.ts';
import { guarded } from '../../support/guarded-world.ts';
import { CLIENT_ID, GROUP_ID, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { aWorld, type MemoryWorld, requestFor } from '../../support/memory-world.ts';
import { aPerson, answerOf, NOW } from '../../support/people.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const mallory = aPerson('ada@example.test', 'p-256');

describe('an answer by somebody of an identity provider', () => {
  let issuer: TestIssuer;
  let world: MemoryWorld;
  let request: StepRequest;
  let clock: Date;

  before(async () => {
    issuer = await startIssuer();
  });
  after(() => issuer.close());
  beforeEach(async () => {
    const groups = { 'release-managers': GROUP_ID, 'incident-managers': GROUP_ID };
    const options = { issuer: issuer.issuer, audience: CLIENT_ID, groupsClaim: 'groups', groups } as const;
    clock = NOW;
    world = await aWorld({ rulebook: guarded, approvals: createOidcApprovals(options), now: () => clock });
    request = requestFor(await planFor(world, await world.push('one'), '1.0.0'));
  });

  const ask: Ask = (name, asked, from = 'promotion/iam') =>
    runFrom({ from: { workflowId: from, runId: `run of ${from}` } }, world.zones.staging, name, asked as never);
  type Ask = <Name extends 'admit' | 'checkApproval' | 'checkOverride' | 'checkGates'>(
    name: Name,
    asked: Parameters<typeof runFrom<Name>>[3],
    from?: string,
  ) => ReturnType<typeof runFrom<Name>>;

  /** Signed at `iat`, with a token of that hour. */
  async function signed(iat: Date, facts: Partial<StatementFacts> = {}): Promise<ApprovalStatement> {
    const idToken = await issuer.idToken(await thumbprintOf(mallory.publicKey), iat);
    const { plan, planDigest } = request;
    const { service, version, environment } = plan;
    const about = { release: `release/${service}/${version}`, service, version, environment, planDigest };
    const said = { facts: { ...about, ...facts }, now: iat, goodForMs: 90 * DAY };
    return answerOf({ ...mallory, idToken }, said);
  }

  async function codeOf(answer: Promise<{ ok: boolean; refusal?: { code: string } }>): Promise<string> {
    return (await answer).refusal?.code ?? 'counts';
  }

  const given = (statement: ApprovalStatement): GivenApproval => ({ ...statement, at: clock.toISOString() });
  const told = (statement: ApprovalStatement) => codeOf(ask('checkApproval', { ...request, statement }));
  const atTheDoor = (...all: readonly ApprovalStatement[]) =>
    codeOf(ask('admit', { ...request, approvals: all.map(given) }));
  const later = (ms: number) => (clock = new Date(clock.getTime() + ms));

  it('who has left the group cannot approve with an old token, not at the question and not at the door', async () => {
    const backDated = await signed(new Date(NOW.getTime() - 60 * DAY));
    assert.equal(await told(backDated), 'approval-stale');
    assert.equal(await atTheDoor(backDated), 'approval-stale');
    assert.deepEqual(world.clusters.staging.effects, []);
  });

  it('who has left the group opens no gate with an old token either', async () => {
    const stop = { kind: 'stop', by: 'grace', reason: 'errors', since: NOW.toISOString() } as const;
    const restraints = [{ ...stop, until: new Date(NOW.getTime() + DAY).toISOString() }];
    await runFrom({}, world.zones.staging, 'writeRestraints', { environment: 'staging', restraints });
    const passing = { overrides: ['stop'], reason: 'it mends the incident' };
    const backDated = await signed(new Date(NOW.getTime() - 60 * DAY), passing);
    assert.equal(await codeOf(ask('checkOverride', { ...request, statement: backDated })), 'approval-stale');
    const kept = await ask('checkGates', { ...request, overrides: [given(backDated)] });
    assert.ok(kept.ok && kept.answer === 'wait', JSON.stringify(kept));

    const honest = await signed(NOW, passing);
    assert.equal(await codeOf(ask('checkOverride', { ...request, statement: honest })), 'counts');
    later(2 * HOUR);
    const passed = await ask('checkGates', { ...request, overrides: [given(honest)] });
    assert.ok(passed.ok && passed.answer === 'yes', JSON.stringify(passed));
  });

  it('what arrived while the token was good counts at the door weeks later', async () => {
    const yes = await signed(NOW);
    assert.equal(await told(yes), 'counts');
    later(21 * DAY);
    assert.equal(await atTheDoor(yes), 'counts');
  });

  it('what never arrived does not, however true its time is', async () => {
    const yes = await signed(NOW);
    later(2 * HOUR);
    assert.equal(await atTheDoor(yes), 'approval-stale');
    assert.equal(await told(yes), 'approval-stale');
    clock = NOW;
    assert.equal(await atTheDoor(yes), 'counts');
  });

  it('another statement by the same key is another one: only what arrived is remembered', async () => {
    assert.equal(await told(await signed(NOW)), 'counts');
    later(DAY);
    assert.equal(await atTheDoor(await signed(NOW)), 'approval-stale');
  });

  it('an activity that runs again hours later, since its first answer was lost, gives the same answer', async () => {
    const yes = await signed(NOW);
    const first = await ask('checkApproval', { ...request, statement: yes });
    const effects = world.clusters.staging.effects.length;
    later(5 * HOUR);
    assert.deepEqual(await ask('checkApproval', { ...request, statement: yes }), first);
    assert.equal(world.clusters.staging.effects.length, effects, 'the first time is kept');
  });

  it('nothing is written down of an answer that is refused, or of a service that the zone does not know', async () => {
    const { plan } = request;
    const wrong = await signed(NOW, { planDigest: `sha256:${'b'.repeat(64)}` });
    assert.equal(await told(wrong), 'approval-other-plan');
    const release = 'release/else/1.0.0';
    const elsewhere = await signed(NOW, { release, service: 'else' });
    const asked = { ...request, plan: { ...plan, service: 'else', namespace: 'kube-system' }, statement: elsewhere };
    assert.equal(await codeOf(ask('checkApproval', asked)), 'counts');
    const moved = { ...request, plan: { ...plan, namespace: 'kube-system' }, statement: await signed(NOW) };
    assert.equal(await codeOf(ask('checkApproval', moved)), 'counts');
    assert.deepEqual(world.clusters.staging.effects, [{ kind: 'seen', namespace: 'iam-staging', service: 'iam' }]);
  });

  it('many that arrive at one instant are all remembered', async () => {
    const all = await Promise.all(Array.from({ length: 15 }, () => signed(NOW)));
    assert.deepEqual(new Set(await Promise.all(all.map(told))), new Set(['counts']));
    later(DAY);
    for (const one of all.slice(0, 3)) assert.notEqual(await atTheDoor(one), 'approval-stale');
  });
});
