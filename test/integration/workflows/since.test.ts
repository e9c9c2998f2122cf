/** However often something is tried again meanwhile, whoever looks sees since when it has been waited for. */
import assert from 'node:assert/strict';
import { WorkflowNotFoundError } from '@temporalio/common';
import { describe, it } from 'node:test';
import type { GatesAnswer } from '../../../src/contract/activities.ts';
import type { PromotionStatus, ReleaseStatus } from '../../../src/contract/status.ts';
import { failure, no, YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { aVersion, promotionOf, releaseStatusOf, startRelease, until } from '../../support/releases.ts';
import { type Script, type ScriptOptions, scriptedActivities } from '../../support/scripted-activities.ts';

const HOUR = 3_600_000;

function ifNone(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

describe('since when something is waited for', { timeout: 300_000 }, () => {
  const engine = engineOfSuite();

  async function play(
    script: Script,
    options: ScriptOptions,
    scene: (version: string) => Promise<void>,
  ): Promise<void> {
    const { activities } = scriptedActivities(script, { path: ['dev', 'staging'], ...options });
    const version = aVersion();
    await engine.during(activities, async () => {
      const release = await startRelease(engine.env.client, version);
      await scene(version);
      await release.terminate();
      // its promotion would go on in the next test, whose time is skipped only while nobody works
      await promotionOf(engine.env.client, version, 'staging').terminate().catch(ifNone);
    });
  }
  const seen = (version: string, is: (status: PromotionStatus) => boolean) =>
    until(engine.env.client, version, 'staging', is);

  async function releaseSeen(version: string, is: (status: ReleaseStatus) => boolean): Promise<ReleaseStatus> {
    for (;;) {
      const status = await releaseStatusOf(engine.env.client, version);
      if (is(status)) return status;
    }
  }

  it('stays what it was while a registry is away, however often it is asked', async () => {
    let asked = 0;
    const resolveImage = async () => {
      asked += 1;
      throw failure('registry-unreachable');
    };
    await play({ resolveImage }, {}, async (version) => {
      const first = await releaseSeen(version, ({ waiting }) => waiting !== undefined);
      const before = asked;
      await engine.env.sleep(2 * HOUR);
      const later = await releaseSeen(version, ({ waiting }) => asked > before && waiting !== undefined);
      assert.equal(later.waiting?.since, first.waiting?.since);
    });
  });

  it('stays what it was while an undo is stuck, however often it is tried', async () => {
    let tried = 0;
    const script: Script = {
      checkHealth: async ({ plan, to }) => (plan.environment === 'staging' && to === 'new' ? no('health-failed') : YES),
      restoreManifests: async () => {
        tried += 1;
        return no('cluster-forbidden');
      },
    };
    await play(script, {}, async (version) => {
      const first = await seen(version, ({ phase }) => phase === 'undo-stuck');
      await engine.env.sleep(3 * HOUR);
      const later = await seen(version, ({ phase }) => tried > 1 && phase === 'undo-stuck');
      assert.equal(later.waiting?.since, first.waiting?.since);
      assert.equal(later.attention?.since, first.attention?.since);
    });
  });

  it('stays what it was while a gate closes at the door again and again', async () => {
    let knocked = 0;
    const closed = async (): Promise<GatesAnswer & { readonly ok: true }> => {
      const end = new Date((await engine.env.currentTimeMs()) + HOUR).toISOString();
      const verdict = { gate: 'office', kind: 'hours', answer: 'wait', reason: 'it is night', until: end } as const;
      return { ok: true, answer: 'wait', verdicts: [verdict], until: end };
    };
    const script: Script = {
      admit: async ({ plan, planDigest, baseline }) => {
        const known = { ok: true, plan, planDigest, baseline } as const;
        if (plan.environment !== 'staging') return known;
        knocked += 1;
        return { ...known, closed: true, gates: await closed() };
      },
    };
    await play(script, { gates: ['staging'] }, async (version) => {
      const first = await seen(version, ({ phase }) => phase === 'waiting-for-gate');
      await engine.env.sleep(3 * HOUR);
      const later = await seen(version, ({ phase }) => knocked > 1 && phase === 'waiting-for-gate');
      assert.equal(later.waiting?.since, first.waiting?.since);
      assert.ok((later.waiting?.until ?? '') > (first.waiting?.until ?? ''));
    });
  });
});
