/** A roll-back that waits for people is seen and answered like any other promotion, though its version has been released long ago. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { ReleaseClient, WatchEvent } from '../../../src/client/index.ts';
import type { RollbackStatus } from '../../../src/contract/rollback-workflow.ts';
import { no } from '../../support/answers.ts';
import { APPROVAL, IMAGE, MANIFESTS, type Script, scriptedActivities } from '../../support/scripted-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from './engine.ts';

const HERE = { service: 'iam', environment: 'dev' } as const;

describe('when a roll-back waits for approval', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let grace: ReleaseClient;
  let anna: ReleaseClient;
  before(async () => {
    engine = await startEngine();
    [grace, anna] = await Promise.all([engine.client('grace'), engine.client('anna')]);
  });
  after(() => engine.stop());
  afterEach(async () => {
    await anna.liftHold(HERE).catch(() => undefined);
  });

  const act = (to: string, rolledBackAt?: string, script: Script = {}): void => {
    const known = { version: to, image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' };
    const findKnownGood = async () =>
      ({ ok: true, known: { ...known, ...(rolledBackAt === undefined ? {} : { rolledBackAt }) } }) as const;
    const options = { path: ['dev'], turns: 'queue', approvals: { dev: APPROVAL } } as const;
    engine.act(scriptedActivities({ findKnownGood, ...script }, options).activities);
  };

  async function release(version: string): Promise<void> {
    act(version);
    await grace.startRelease({ service: 'iam', version, image: `iam@${IMAGE.digest}`, manifests: MANIFESTS });
    for await (const event of grace.watch({ service: 'iam', version })) {
      if (isQuestion(event)) await anna.approve({ service: 'iam', version });
    }
  }

  /** Until it asks; what has happened by then. */
  async function untilAsked(): Promise<readonly WatchEvent[]> {
    const seen: WatchEvent[] = [];
    for await (const event of grace.watchRollback('iam', 'dev')) {
      seen.push(event);
      if (isQuestion(event)) break;
    }
    return seen;
  }

  test('the status of its version has it, beside what the release says of itself, and nobody has to guess whom to answer', async () => {
    await release('1.0.0');
    const key = { service: 'iam', version: '1.0.0' };
    const before = await grace.status(key);
    assert.equal(before.rollbacks, undefined);
    await grace.startRollback({ ...HERE, reason: 'errors' });
    await untilAsked();
    const during = await grace.status(key);
    assert.deepEqual([during.release, during.promotions], [before.release, before.promotions]);
    const [back] = during.rollbacks ?? [];
    assert.equal(back?.phase, 'waiting-for-approval');
    assert.equal(back.rollback?.reason, 'errors');
    const given = await anna.approve({ ...key, ...(back.planDigest === undefined ? {} : { plan: back.planDigest }) });
    assert.equal(given.reply?.missing, 0);
    const { outcome } = await grace.waitForRollback('iam', 'dev');
    assert.equal(outcome.kind, 'released', outcome.reason);
    const after = await grace.status(key);
    assert.deepEqual([after.release, after.promotions], [before.release, before.promotions]);
    assert.equal(after.rollbacks?.[0]?.outcome?.kind, 'released');
  });

  test('the roll-back says where it goes, what is asked, and that the version was rolled back there before', async () => {
    await release('2.0.0');
    act('2.0.0', '2026-11-02T00:00:00.000Z');
    await grace.startRollback({ ...HERE, reason: 'errors', to: '2.0.0' });
    const events = await untilAsked();
    assert.match(
      events[0]?.text ?? '',
      /^dev goes back to iam 2\.0\.0 \(rolled back there before, at 2026-11-02.*: errors$/,
    );
    assert.ok(
      events.at(-1)?.answer?.some((command) => command.startsWith('sluice approve iam 2.0.0 --environment dev')),
    );
    const { standing, ...rollback } = await grace.rollback('iam', 'dev');
    assert.equal(standing?.phase, 'waiting-for-approval');
    assert.equal(rollback.rolledBackAt, '2026-11-02T00:00:00.000Z');
    await anna.reject({ service: 'iam', version: '2.0.0', environment: 'dev', reason: 'not this one' });
    const rest: WatchEvent[] = [];
    for await (const event of grace.watchRollback('iam', 'dev')) rest.push(event);
    assert.equal(rest.at(-1)?.kind, 'outcome');
    assert.match(rest.at(-1)?.text ?? '', /refused: rejected by anna/);
  });

  test('its environment and the list have it while it is under way, marked as what it is', async () => {
    await release('3.0.0');
    await grace.startRollback({ ...HERE, reason: 'errors' });
    await untilAsked();
    await eventually(async () => ((await grace.environment('dev')).rollbacks ?? []).length === 1);
    const [there] = (await grace.environment('dev')).rollbacks ?? [];
    assert.equal(there?.to, '3.0.0');
    assert.equal(there.standing?.phase, 'waiting-for-approval');
    const marked = async (request = {}) => (await grace.list(request)).filter((one) => one.rollback === true);
    await eventually(async () => (await marked())[0]?.waitingFor === 'approval');
    const [listed] = await marked();
    assert.deepEqual([listed?.version, listed?.environment, listed?.requestedBy], ['3.0.0', 'dev', 'grace']);
    assert.equal((await marked({ service: 'other' })).length, 0);
    assert.equal((await marked({ environment: 'dev', running: true })).length, 1);
    const own = (await grace.list()).filter((one) => one.version === '3.0.0');
    assert.equal(own.length, 2, 'the release and the roll-back to it');
    await anna.approve({ service: 'iam', version: '3.0.0' });
    await grace.waitForRollback('iam', 'dev');
    await eventually(async () => (await marked()).length === 0);
    assert.ok((await grace.list({ rollbacks: true })).every((one) => one.rollback === true && !one.running));
    assert.equal((await grace.environment('dev')).rollbacks, undefined);
  });

  test('a second one attaches when it means the same version, and is refused when it means another', async () => {
    await release('4.0.0');
    await grace.startRollback({ ...HERE, reason: 'errors' });
    await untilAsked();
    assert.equal((await anna.startRollback({ ...HERE, reason: 'me too' })).how, 'attached');
    assert.equal((await anna.startRollback({ ...HERE, reason: 'me too', to: '4.0.0' })).how, 'attached');
    await assert.rejects(anna.startRollback({ ...HERE, reason: 'further', to: '3.0.0' }), (error) => {
      const { code, got } = error as { code: string; got?: string };
      assert.deepEqual([code, got], ['command-not-possible', '4.0.0']);
      return true;
    });
    await anna.reject({ service: 'iam', version: '4.0.0', reason: 'enough' });
    await grace.waitForRollback('iam', 'dev');
  });

  test('one that has nowhere to go ends with its reason, and who watches it hears so', async () => {
    act('5.0.0', undefined, { findKnownGood: async () => no('rollback-impossible') });
    await grace.startRollback({ ...HERE, reason: 'errors' });
    const watching = grace.watchRollback('iam', 'dev');
    let last: RollbackStatus | undefined;
    for (;;) {
      const next = await watching.next();
      if (next.done !== true) continue;
      last = next.value;
      break;
    }
    assert.equal(last?.outcome?.refusal?.code, 'rollback-impossible');
  });

  test('it is paused, resumed and aborted with its environment, though its release has ended long ago', async () => {
    await release('5.5.0');
    await grace.startRollback({ ...HERE, reason: 'errors', to: '5.5.0' });
    await untilAsked();
    const there = { ...HERE, version: '5.5.0' };
    await anna.pause(there);
    await anna.resume(there);
    await anna.abort({ ...there, reason: 'not this one' });
    assert.equal((await grace.waitForRollback('iam', 'dev')).outcome.kind, 'aborted');
  });

  test('a watch of the old release goes on while its version is brought back, when it is asked to', async () => {
    await release('6.0.0');
    await grace.startRollback({ ...HERE, reason: 'errors' });
    await untilAsked();
    const kinds: string[] = [];
    for await (const event of grace.watch({ service: 'iam', version: '6.0.0' })) kinds.push(event.kind);
    assert.equal(kinds.at(-1), 'outcome', 'a pipeline waits for its release only');
    const texts: string[] = [];
    for await (const event of grace.watch({ service: 'iam', version: '6.0.0' }, { rollbacks: true })) {
      texts.push(event.text);
      if (isQuestion(event) && texts.some((text) => text.includes('goes back to')))
        await anna.approve({ service: 'iam', version: '6.0.0' });
    }
    assert.match(texts.at(-1) ?? '', /^released: /);
    await grace.waitForRollback('iam', 'dev');
  });
});

/** Whoever waits for its turn, however short, waits as well. */
function isQuestion({ kind, answer }: WatchEvent): boolean {
  return kind === 'waiting' && answer?.[0]?.startsWith('sluice approve') === true;
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
