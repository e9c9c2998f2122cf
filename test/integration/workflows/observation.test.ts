/** The observation as a workflow: what it calls, and what it makes of the answers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatesAnswer } from '../../../src/contract/activities.ts';
import {
  OBSERVATION,
  type ObservationInput,
  type ObservationResult,
  type ObservedEnvironment,
} from '../../../src/contract/observation-workflow.ts';
import { ENGINE_QUEUE } from '../../../src/contract/task-queues.ts';
import { observationId } from '../../../src/contract/workflow-ids.ts';
import type { StepName } from '../../../src/domain/step.ts';
import { failure, no, YES } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { aVersion } from '../../support/releases.ts';
import {
  APPROVAL,
  IMAGE,
  MANIFESTS,
  type Script,
  type ScriptOptions,
  scriptedActivities,
} from '../../support/scripted-activities.ts';

/** All that an observation may ask for. */
const LOOKS = [
  ...['readJourney', 'resolveImage', 'planPromotion', 'findKnownGood', 'whoHasEnded'],
  ...['observeImage', 'observeGates', 'observeRegistry', 'observeCluster'],
];

describe('an observation', { timeout: 300_000 }, () => {
  const engine = engineOfSuite();

  async function observed(
    script: Script = {},
    options: ScriptOptions = {},
  ): Promise<{ readonly result: ObservationResult; readonly calls: readonly string[] }> {
    const { activities, calls } = scriptedActivities(script, options);
    const input: ObservationInput = {
      ...{ service: 'iam', version: aVersion(), image: `iam@${IMAGE.digest}`, manifests: MANIFESTS },
      ...{ files: '', requestedBy: 'pipeline' },
    };
    const workflowId = observationId(input.service, input.version);
    const result = await engine.during(activities, () =>
      engine.env.client.workflow.execute(OBSERVATION, { workflowId, taskQueue: ENGINE_QUEUE, args: [input] }),
    );
    return { result: result as ObservationResult, calls };
  }
  const at = ({ environments }: ObservationResult, name: string): ObservedEnvironment => {
    const found = environments.find(({ environment }) => environment === name);
    assert.ok(found);
    return found;
  };
  const stepOf = (result: ObservationResult, name: string, step: StepName) =>
    at(result, name).steps.find((one) => one.step === step);

  it('asks for nothing but looks, also where people are asked and receivers want to hear of releases', async () => {
    const options: ScriptOptions = {
      approvals: { production: APPROVAL },
      gates: ['production'],
      notify: [{ name: 'chat', on: ['started', 'waiting', 'released', 'refused'] }] as never,
    };
    const { result, calls } = await observed({}, options);
    assert.equal(result.verdict, 'would-wait');
    const asked = new Set(calls.map((call) => call.replace(/\(.*/, '')));
    assert.deepEqual(
      [...asked].filter((one) => !LOOKS.includes(one)),
      [],
    );
    for (const one of ['observeImage', 'observeGates', 'observeRegistry', 'observeCluster'])
      assert.ok(asked.has(one), one);
    assert.deepEqual(
      result.environments.map((one) => one.verdict),
      ['would-be-released', 'would-be-released', 'would-wait'],
    );
  });

  it('says of a gate that is closed until when, and goes on', async () => {
    const until = '2026-12-07T14:00:00.000Z';
    const verdicts = [{ gate: 'office', kind: 'hours', answer: 'wait', reason: 'it is night', until }] as const;
    const closed: GatesAnswer = { ok: true, answer: 'wait', verdicts, until };
    const observeGates = async ({ plan }: { plan: { environment: string } }) =>
      plan.environment === 'staging' ? closed : ({ ok: true, answer: 'yes', verdicts: [] } as const);
    const { result } = await observed({ observeGates }, { gates: ['staging'] });
    assert.equal(result.verdict, 'would-wait');
    const step = stepOf(result, 'staging', 'gates');
    assert.deepEqual([step?.answer, step?.until, step?.says], ['wait', until, 'office: it is night']);
    assert.equal(at(result, 'production').verdict, 'would-be-released');
  });

  it('would be refused where a gate says no, with the refusal of the gate', async () => {
    const { refusal } = no('gate-closed');
    const verdicts = [{ gate: 'ticket', kind: 'ticket', answer: 'no', reason: 'no ticket', refusal }] as const;
    const { result } = await observed({ observeGates: async () => ({ ok: true, answer: 'wait', verdicts }) });
    assert.deepEqual([result.verdict, result.refusal], ['would-be-refused', refusal]);
  });

  it('asks the gates of a later environment as if the ones before had just gone well', async () => {
    const seen = new Map<string, readonly string[]>();
    await observed({
      observeGates: async ({ plan, entry, approvals }) => {
        seen.set(
          plan.environment,
          (entry?.passed ?? []).map((one) => one.environment),
        );
        assert.deepEqual(approvals, []);
        return { ok: true, answer: 'yes', verdicts: [] };
      },
    });
    assert.deepEqual(Object.fromEntries(seen), { dev: [], staging: ['dev'], production: ['dev', 'staging'] });
  });

  it('looks at the image where it is, by the rules of the environment that it would enter', async () => {
    const asked: string[] = [];
    const { result } = await observed({
      observeImage: async ({ environment, at: place, rulesOf }) => {
        asked.push(`${environment} looks into ${place} for ${rulesOf}`);
        if (place === 'staging') return { found: false, registry: 'staging.example.test' };
        return { found: true, registry: 'dev.example.test', proofs: no('signature-missing'), content: YES };
      },
    });
    assert.deepEqual(asked.toSorted(), [
      'dev looks into dev for dev',
      'dev looks into dev for production',
      'production looks into staging for production',
      'staging looks into dev for staging',
    ]);
    assert.equal(stepOf(result, 'production', 'verify-source')?.refusal?.code, 'signature-missing');
    assert.equal(result.verdict, 'would-be-refused');
  });

  it('would stand still where a look fails for good, and says it of that environment alone', async () => {
    const { result } = await observed({
      observeCluster: async ({ plan }) => {
        if (plan.environment === 'production') throw failure('cluster-forbidden');
        return { apply: YES, live: { digest: 'same', objects: 'same', says: 'runs it' } };
      },
    });
    assert.deepEqual([result.verdict, result.refusal?.code], ['would-need-attention', 'cluster-forbidden']);
    assert.match(result.reason, /^production: /);
    assert.equal(at(result, 'dev').verdict, 'would-be-released');
  });

  it('says what is refused before any environment is looked at', async () => {
    const { result, calls } = await observed({ resolveImage: async () => no('version-taken') });
    assert.deepEqual(
      [result.verdict, result.refusal?.code, result.environments],
      ['would-be-refused', 'version-taken', []],
    );
    assert.ok(!calls.some((call) => call.startsWith('observe')));
  });

  it('would wait for its turn only behind somebody who has not ended', async () => {
    const inside = {
      service: 'iam',
      version: '0.9.1',
      workflowId: 'promotion/iam/0.9.1/dev',
      runId: 'r',
      fence: 1,
      since: '',
    };
    const findKnownGood = async () => ({ ...no('rollback-impossible'), inside });
    const path = { path: ['dev'], turns: 'queue' } as const;
    const waits = await observed({ findKnownGood, whoHasEnded: async () => ({ ended: [] }) }, path);
    assert.match(stepOf(waits.result, 'dev', 'lease')?.says ?? '', /0\.9\.1 is under way/);
    assert.equal(waits.result.verdict, 'would-wait');
    const goes = await observed({ findKnownGood, whoHasEnded: async () => ({ ended: ['r'] }) }, path);
    assert.equal(goes.result.verdict, 'would-be-released');
  });
});
