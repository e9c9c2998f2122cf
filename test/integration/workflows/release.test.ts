import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome, PromotionStatus, ReleaseStatus } from '../../../src/contract/status.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { aVersion, releaseStatusOf, startRelease, statusOf } from '../../support/releases.ts';
import { type Script, scriptedActivities, type ScriptOptions } from '../../support/scripted-activities.ts';
import { no } from '../../support/answers.ts';

const TIMEOUT = { timeout: 300_000 };

describe('a release', TIMEOUT, () => {
  const engine = engineOfSuite();

  interface Seen {
    readonly outcome: Outcome;
    readonly calls: string[];
    readonly release: ReleaseStatus;
    readonly staging: PromotionStatus | undefined;
  }

  async function run(script: Script = {}, options: ScriptOptions = {}, fields = {}): Promise<Seen> {
    const { client } = engine.env;
    const version = aVersion();
    const { activities, calls } = scriptedActivities(script, options);
    return engine.during(activities, async () => {
      const { outcome } = await (await startRelease(client, version, fields)).result();
      const release = await releaseStatusOf(client, version);
      const reached = release.legs.some((leg) => leg.environment === 'staging' && leg.state === 'finished');
      return { outcome, calls, release, staging: reached ? await statusOf(client, version, 'staging') : undefined };
    });
  }

  it('enters every environment of its path, in order, with every step once', async () => {
    const { outcome, calls } = await run();
    assert.equal(outcome.kind, 'released');
    const first = [
      'planPromotion',
      'verifySignatures',
      'admit',
      'checkPullable',
      'applyManifests',
      'rollOut',
      'proveRunning',
      'checkHealth',
      'recordPromotion',
    ];
    assert.deepEqual(calls.filter((call) => call.includes('(dev')).map(bare), ['resolveImage', ...first]);
    const copied = [
      'planPromotion',
      'verifySignatures',
      'admit',
      'importImage',
      'verifyDigest',
      'copySignatures',
      'verifySignatures',
      ...first.slice(3),
    ];
    assert.deepEqual(calls.filter((call) => call.includes('(staging')).map(bare), copied);
    assert.deepEqual(
      calls.filter((call) => call.includes('(production')).map(bare),
      copied.toSpliced(copied.indexOf('applyManifests'), 0, 'lockImage'),
    );
    assert.deepEqual(
      [...calls].sort(byEnvironment),
      calls,
      'no environment is touched before the one before it is done',
    );
  });

  it('stops after the environment that the caller named', async () => {
    const { outcome, calls } = await run({}, {}, { until: 'staging' });
    assert.equal(outcome.kind, 'released');
    assert.equal(
      calls.some((call) => call.includes('production')),
      false,
    );
  });

  it('is refused, and nothing is copied, when the image is not signed', async () => {
    const { outcome, calls } = await run({ verifySignatures: async () => no('signature-missing') });
    assert.deepEqual([outcome.kind, outcome.refusal?.code], ['refused', 'signature-missing']);
    assert.deepEqual(calls.map(bare), ['readJourney', 'resolveImage', 'planPromotion', 'verifySignatures']);
  });

  it('is refused when the service is unknown', async () => {
    const { outcome, calls } = await run({ readJourney: async () => no('service-unknown') });
    assert.deepEqual([outcome.kind, outcome.refusal?.code, calls.length], ['refused', 'service-unknown', 1]);
  });

  it('takes the copy out again when its signature does not hold at the destination', async () => {
    const { outcome, calls } = await run({
      verifySignatures: async ({ at }) =>
        at === 'destination' ? no('signature-untrusted') : { ok: true, summary: 'signed', facts: {} },
    });
    assert.deepEqual([outcome.kind, outcome.refusal?.code], ['refused', 'signature-untrusted']);
    assert.equal(calls.at(-1), 'removeImage(staging)');
    assert.equal(calls.includes('applyManifests(staging)'), false);
  });

  it('is rolled back in the environment where it fails, and never reaches the next one', async () => {
    const { outcome, calls, release } = await run({
      checkHealth: async ({ plan, to }) =>
        plan.environment === 'staging' && to === 'new' ? no('health-failed') : { ok: true, summary: 'well', facts: {} },
    });
    assert.deepEqual([outcome.kind, outcome.refusal?.code], ['rolled-back', 'health-failed']);
    assert.match(outcome.reason, /^staging: /);
    const undone = [
      'restoreManifests(staging)',
      'rollOut(staging, previous)',
      'proveRunning(staging, previous)',
      'checkHealth(staging, previous)',
    ];
    assert.deepEqual(calls.slice(-5), [...undone, 'removeImage(staging)']);
    assert.equal(
      calls.some((call) => call.includes('production')),
      false,
    );
    assert.deepEqual(
      release.legs.map((leg) => leg.state),
      ['finished', 'finished', 'pending'],
    );
  });

  it('unlocks in reverse order when production fails after the lock', async () => {
    const { outcome, calls } = await run({
      rollOut: async ({ plan, to }) =>
        plan.environment === 'production' && to === 'new'
          ? no('crash-loop')
          : { ok: true, summary: 'rolled out', facts: {} },
    });
    assert.equal(outcome.kind, 'rolled-back');
    assert.deepEqual(calls.slice(-3), [
      'checkHealth(production, previous)',
      'unlockImage(production)',
      'removeImage(production)',
    ]);
  });

  it('tells what each step left behind, with the digest it is about', async () => {
    const { staging: status } = await run();
    assert(status !== undefined);
    assert.equal(status.phase, 'finished');
    assert.equal(status.steps.find((one) => one.step === 'import')?.summary, 'importImage done');
    assert.equal(status.steps.find((one) => one.step === 'lock-image')?.state, 'skipped');
    assert.deepEqual(status.undoPlan, []);
    assert.equal(JSON.parse(JSON.stringify(status)).format, 1);
  });
});

function bare(call: string): string {
  return call.replace(/\(.*/, '');
}

const ORDER = ['readJourney', 'dev', 'staging', 'production'];

function byEnvironment(a: string, b: string): number {
  return ORDER.findIndex((name) => a.includes(name)) - ORDER.findIndex((name) => b.includes(name));
}
