import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BoardPlace, ReleaseClient, ReleaseEngineError, WatchEvent } from '../../../src/client/index.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { failure, no } from '../../support/answers.ts';
import { APPROVAL, IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from './engine.ts';

const image = `${IMAGE.repository}@${IMAGE.digest}`;
const wish = (version: string) => ({ service: 'iam', version, image, manifests: MANIFESTS });
const withApproval = () => scriptedActivities({}, { approvals: { production: APPROVAL } }).activities;

describe('when a pipeline talks to a release engine', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let pipeline: ReleaseClient;
  let anna: ReleaseClient;

  before(async () => {
    engine = await startEngine();
    [pipeline, anna] = await Promise.all([engine.client('pipeline'), engine.client('anna')]);
  });
  after(() => engine.stop());

  const refusal = async (call: Promise<unknown>): Promise<ReleaseEngineError> => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown as ReleaseEngineError,
    );
    assert.ok(error !== undefined, 'expected a refusal');
    return error;
  };

  /** Follows a release until `is` holds for an event, and returns all events up to it. */
  const eventsUntil = async (version: string, is: (event: WatchEvent) => boolean): Promise<readonly WatchEvent[]> => {
    const seen: WatchEvent[] = [];
    for await (const event of pipeline.watch({ service: 'iam', version })) {
      seen.push(event);
      if (is(event)) break;
    }
    return seen;
  };
  const waitsForApproval = (event: WatchEvent): boolean =>
    event.kind === 'waiting' && event.environment === 'production';

  test('a release is started once, however often it is asked for', async () => {
    engine.act(withApproval());
    const starts = await Promise.all(Array.from({ length: 5 }, () => pipeline.startRelease(wish('1.0.0'))));
    assert.equal(starts.filter((one) => one.how === 'started').length, 1);
    assert.equal(starts.filter((one) => one.how === 'attached').length, 4);
    assert.equal(new Set(starts.map((one) => one.runId)).size, 1);
  });

  test('the same version with other content is refused and says what differs', async () => {
    engine.act(withApproval());
    await pipeline.startRelease(wish('1.1.0'));
    const other = digestOf('image 2');
    const cases = [
      { ...wish('1.1.0'), image: `iam@${other}` },
      { ...wish('1.1.0'), manifests: digestOf('manifests 2') },
      { ...wish('1.1.0'), until: 'staging' },
    ];
    for (const request of cases) {
      const error = await refusal(pipeline.startRelease(request));
      assert.equal(error.code, 'version-taken');
      assert.notEqual(error.expected, error.got);
    }
  });

  test('a watcher sees every step once, in order, and is told what answers a question', async () => {
    engine.act(withApproval());
    await pipeline.startRelease(wish('1.2.0'));
    const events = await eventsUntil('1.2.0', waitsForApproval);
    const done = events.filter((event) => event.kind === 'step' && event.state === 'done');
    const names = done.map((event) => `${event.environment} ${event.step}`);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.indexOf('dev record') < names.indexOf('staging import'), names.join(', '));
    assert.ok(events.at(-1)?.answer?.some((command) => command.includes('approve')));
  });

  test('a yes for the plan that waits lets the release through, and everybody sees who gave it', async () => {
    engine.act(withApproval());
    const key = { service: 'iam', version: '1.3.0' };
    await pipeline.startRelease(wish('1.3.0'));
    await eventsUntil('1.3.0', waitsForApproval);
    await eventually(async () => {
      const waiting = await pipeline.list({ service: 'iam', waiting: 'approval' });
      return waiting.some((one) => one.version === '1.3.0' && one.environment === 'production' && one.running);
    });
    const there = await pipeline.list({ environment: 'production', running: true });
    assert.equal(there.find((one) => one.version === '1.3.0')?.requestedBy, 'pipeline', 'its release says it');
    const own = (await pipeline.list({ service: 'iam', running: true })).find((one) => one.version === '1.3.0');
    assert.deepEqual([own?.requestedBy, own?.waitingFor], ['pipeline', 'approval'], 'its promotion says it');
    const at = async (): Promise<BoardPlace | undefined> =>
      (await pipeline.board({ service: 'iam' })).find((one) => one.environment === 'production');
    const { promotions } = await pipeline.status(key);
    const onBoard = (await at())?.entering.find((one) => one.version === '1.3.0');
    assert.deepEqual(onBoard?.waiting, promotions.at(-1)?.waiting, 'the board says of a wait what the status says');
    assert.match(onBoard?.waiting?.answer[0] ?? '', /^sluice approve iam 1\.3\.0 /);
    const given = await anna.approve({ ...key, reason: 'looked at it' });
    assert.equal(given.reply?.missing, 0);
    assert.equal(given.decidedOn?.environment, 'production');
    const result = await pipeline.wait(key);
    assert.equal(result.outcome.kind, 'released');
    const { running } = (await at()) ?? {};
    assert.deepEqual(running?.approvedBy, ['anna']);
    const health = (await pipeline.status(key)).promotions.at(-1)?.steps.find((one) => one.step === 'health');
    assert.deepEqual([running?.health?.state, running?.health?.at], ['well', health?.endedAt]);
    assert.equal((await pipeline.startRelease(wish('1.3.0'))).how, 'finished');
  });

  test('answers that may not count are refused with their own code', async () => {
    engine.act(withApproval());
    const key = { service: 'iam', version: '1.4.0' };
    await pipeline.startRelease(wish('1.4.0'));
    await eventsUntil('1.4.0', waitsForApproval);
    const otherPlan = digestOf('another plan');
    assert.equal((await refusal(anna.approve({ ...key, plan: otherPlan }))).code, 'approval-other-plan');
    assert.equal((await refusal(anna.approve({ ...key, plan: 'latest' }))).code, 'digest-malformed');
    assert.equal((await refusal(anna.reject(key))).code, 'approval-reason-missing');
    assert.equal((await refusal(pipeline.approve(key))).code, 'approval-excluded');
    await anna.reject({ ...key, reason: 'not today' });
    assert.equal((await pipeline.wait(key)).outcome.kind, 'refused');
    assert.equal((await refusal(anna.approve(key))).code, 'release-finished');
    assert.equal((await refusal(anna.pause(key))).code, 'release-finished');
  });

  test('an answer by signal counts too', async () => {
    engine.act(withApproval());
    const key = { service: 'iam', version: '1.5.0' };
    await pipeline.startRelease(wish('1.5.0'));
    await eventsUntil('1.5.0', waitsForApproval);
    assert.equal((await anna.approve({ ...key, bySignal: true })).reply, undefined);
    assert.equal((await pipeline.wait(key)).outcome.kind, 'released');
  });

  test('a step that cannot go on waits for a person, who retries it', async () => {
    let broken = true;
    const script = scriptedActivities(
      {
        lockImage: async () =>
          broken ? Promise.reject(failure('registry-forbidden')) : { ok: true, summary: 'locked', facts: {} },
      },
      { path: ['production'] },
    );
    engine.act(script.activities);
    const key = { service: 'iam', version: '1.6.0' };
    await pipeline.startRelease(wish('1.6.0'));
    const events = await eventsUntil('1.6.0', (event) => event.kind === 'attention');
    assert.match(events.at(-1)?.text ?? '', /registry-forbidden.*repair it/s);
    broken = false;
    await anna.retry({ ...key, reason: 'role assigned' });
    assert.equal((await pipeline.wait(key)).outcome.kind, 'released');
  });

  test('while a step is retried, the status says since when, how often and why', async () => {
    let unreachable = true;
    const script = scriptedActivities({
      importImage: async () =>
        unreachable
          ? Promise.reject(failure('registry-unreachable', false))
          : { ok: true, summary: 'imported', facts: {} },
    });
    engine.act(script.activities);
    const key = { service: 'iam', version: '1.7.0' };
    await pipeline.startRelease(wish('1.7.0'));
    const events = await eventsUntil('1.7.0', (event) => event.kind === 'retrying');
    assert.match(events.at(-1)?.text ?? '', /^retrying since 20.*, attempt \d+: failed: registry-unreachable/);
    const [retrying] = (await pipeline.status(key)).retrying;
    assert.equal(retrying?.environment, 'staging');
    assert.equal(retrying?.code, 'registry-unreachable');
    assert.ok((retrying?.attempt ?? 0) > 1);
    unreachable = false;
    await anna.abort({ ...key, reason: 'enough' });
    assert.equal((await pipeline.wait(key)).outcome.kind, 'aborted');
  });

  test('pause, resume and abort go to the release, and a wrong one is refused', async () => {
    engine.act(withApproval());
    const key = { service: 'iam', version: '1.8.0' };
    await pipeline.startRelease(wish('1.8.0'));
    await eventsUntil('1.8.0', waitsForApproval);
    assert.equal((await refusal(anna.resume(key))).code, 'command-not-possible');
    assert.notEqual((await anna.pause({ ...key, reason: 'incident' })).message, '');
    assert.notEqual((await anna.resume(key)).message, '');
    await anna.abort({ ...key, reason: 'wrong image' });
    assert.equal((await pipeline.wait(key)).outcome.kind, 'aborted');
  });

  test('with an environment, resume lets go on what was paused, whether the release was told so or its promotion', async () => {
    engine.act(withApproval());
    for (const [version, paused] of [
      ['1.8.1', {}],
      ['1.8.2', { environment: 'production' }],
    ] as const) {
      const key = { service: 'iam', version };
      await pipeline.startRelease(wish(version));
      await eventsUntil(version, waitsForApproval);
      await anna.pause({ ...key, ...paused, reason: 'incident' });
      await anna.approve(key);
      const isPaused = ({ answer }: WatchEvent): boolean =>
        answer?.includes(`sluice resume iam ${version} --environment production`) === true;
      await eventsUntil(version, isPaused);
      const other = await refusal(anna.resume({ ...key, environment: 'staging' }));
      assert.equal(other.code, 'release-finished', 'another promotion is another matter');
      await anna.resume({ ...key, environment: 'production' });
      assert.equal((await pipeline.wait(key)).outcome.kind, 'released');
    }
  });

  test('a promotion that was paused by itself goes on also when its release is told so', async () => {
    engine.act(withApproval());
    const key = { service: 'iam', version: '1.8.3' };
    await pipeline.startRelease(wish('1.8.3'));
    await eventsUntil('1.8.3', waitsForApproval);
    await anna.pause({ ...key, environment: 'production' });
    await anna.resume(key);
    assert.equal((await refusal(anna.resume(key))).code, 'command-not-possible');
    await anna.abort({ ...key, environment: 'production', reason: 'wrong image' });
    assert.equal((await pipeline.wait(key)).outcome.kind, 'aborted');
  });

  test('the list is filtered by service, outcome and what is waited for', async () => {
    const script = scriptedActivities({ verifySignatures: async () => no('signature-missing') });
    engine.act(script.activities);
    await pipeline.startRelease({ ...wish('1.9.0'), service: 'other' });
    assert.equal((await pipeline.wait({ service: 'other', version: '1.9.0' })).outcome.kind, 'refused');
    await eventually(async () => {
      const refused = await pipeline.list({ service: 'other', outcome: 'refused' });
      return refused.length === 1 && refused[0]?.requestedBy === 'pipeline' && !refused[0].running;
    });
    assert.deepEqual(await pipeline.list({ service: 'nobody' }), []);
  });

  test('a forecast tells the plan of every environment and leaves no release behind', async () => {
    engine.act(withApproval());
    const result = await pipeline.forecast({ ...wish('2.0.0'), manifestsPublished: false });
    assert.deepEqual(
      result.promotions.map((one) => one.environment),
      ['dev', 'staging', 'production'],
    );
    assert.ok(result.promotions.every((one) => one.answer.ok && one.answer.plan.steps.length > 5));
    assert.equal((await refusal(pipeline.status({ service: 'iam', version: '2.0.0' }))).code, 'release-not-found');
  });

  test('a release that nobody knows, and names that can name none, are told apart', async () => {
    const cases = [
      [{ service: 'iam', version: '9.9.9' }, 'release-not-found'],
      [{ service: "iam' OR '1'='1", version: '1' }, 'service-unknown'],
      [{ service: 'iam', version: '../../etc' }, 'version-malformed'],
      [{ service: 'iam', version: '' }, 'version-malformed'],
    ] as const;
    for (const [key, code] of cases) assert.equal((await refusal(pipeline.status(key))).code, code);
    assert.equal(
      (await refusal(pipeline.startRelease({ ...wish('3.0.0'), image: 'iam' }))).code,
      'reference-malformed',
    );
  });
});

/** Visibility is a moment behind the histories. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
