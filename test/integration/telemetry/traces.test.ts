import assert from 'node:assert/strict';
import { DefaultLogger } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { approveUpdate, retryUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { GatesAnswer } from '../../../src/contract/activities.ts';
import type { GateVerdict } from '../../../src/domain/gate.ts';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import { ATTRIBUTES, SPANS } from '../../../src/telemetry/names.ts';
import { startTelemetry } from '../../../src/telemetry/start-telemetry.ts';
import { no } from '../../support/answers.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { aVersion, promotionOf, startRelease, until, answerBy, hasPlace } from '../../support/releases.ts';
import {
  APPROVAL,
  IMAGE,
  type Script,
  scriptedActivities,
  type ScriptOptions,
} from '../../support/scripted-activities.ts';
import { duringObserved, type ObservedOptions } from '../../support/telemetry/observed-engine.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../../support/telemetry/otlp-receiver.ts';

const TIMEOUT = { timeout: 300_000 };

describe('what an OTLP receiver is told of a release', TIMEOUT, () => {
  let engine: Engine;
  let receiver: OtlpReceiver;
  before(async () => {
    engine = await startEngine('real');
  });
  after(() => engine.stop());
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.stop());

  interface Wanted {
    readonly script?: Script;
    readonly options?: ScriptOptions;
    readonly meanwhile?: (version: string) => Promise<unknown>;
    readonly cachedWorkflows?: number;
  }

  async function traced({ script = {}, options = {}, meanwhile, cachedWorkflows }: Wanted) {
    const version = aVersion();
    const observed: ObservedOptions = {
      settings: { otlpTraces: `${receiver.url}/v1/traces` },
      ...(cachedWorkflows === undefined ? {} : { cachedWorkflows }),
    };
    const { activities } = scriptedActivities(script, { turns: 'queue', ...options });
    const outcome = await duringObserved(engine, activities, observed, async () => {
      const release = await startRelease(engine.env.client, version);
      await meanwhile?.(version);
      return (await release.result()).outcome;
    });
    return { version, outcome, spans: receiver.spans };
  }

  it('is one trace: the release, its promotions below it, and the steps of each below that', async () => {
    const { spans, outcome, version } = await traced({ options: { path: ['dev', 'staging'] } });
    assert.equal(outcome.kind, 'released');
    assert.equal(new Set(spans.map((one) => one.traceId)).size, 1);
    const below = (name: string): readonly string[] => childrenOf(spans, only(spans, name));
    const there = ['apply-manifests', 'roll-out', 'prove-running', 'health', 'record'];
    const copied = ['import', 'verify-digest', 'copy-signatures', 'verify-destination'];
    const before = ['plan', 'verify-source', 'lease', 'admit'];
    assert.deepEqual(below('release'), ['resolve', 'promotion dev', 'promotion staging'].sort());
    assert.deepEqual(below('promotion dev'), [...before, 'pullable', ...there].sort());
    assert.deepEqual(below('promotion staging'), [...before, ...copied, 'pullable', ...there].sort());
    const { attributes, status } = only(spans, 'release');
    assert.deepEqual(
      [
        attributes['sluice.service'],
        attributes['sluice.version'],
        attributes['sluice.digest'],
        attributes['sluice.outcome'],
      ],
      ['iam', version, IMAGE.digest, 'released'],
    );
    assert.equal(status.code, 0);
    assert.equal(only(spans, 'promotion staging').attributes['sluice.environment'], 'staging');
  });

  it('has every span and attribute under a name of names.ts', async () => {
    const { spans } = await traced({ script: { applyManifests: async () => no('manifests-missing') } });
    const names = Object.values(ATTRIBUTES).map((one) => one.name);
    const patterns = Object.values(SPANS).map((one) => new RegExp(`^${one.name.replaceAll(/<[^>]+>/g, '[a-z-]+')}$`));
    const others = spans.flatMap((one) => [
      ...Object.keys(one.attributes).filter((name) => !names.includes(name as never)),
      ...(patterns.some((pattern) => pattern.test(one.name)) ? [] : [one.name]),
    ]);
    assert.ok(spans.length > 0);
    assert.deepEqual(others, []);
  });

  it('says what refused it, and why', async () => {
    const { spans, outcome } = await traced({ script: { verifySignatures: async () => no('signature-missing') } });
    assert.equal(outcome.kind, 'refused');
    const refused = [only(spans, 'verify-source'), only(spans, 'promotion dev'), only(spans, 'release')];
    assert.deepEqual(
      refused.map(({ status, attributes }) => [status.code, status.message, attributes['sluice.code']]),
      Array.from({ length: 3 }, () => [2, 'signature-missing', 'signature-missing']),
    );
  });

  it('has the way back of what was rolled back', async () => {
    const proveRunning: Script['proveRunning'] = async ({ to }) =>
      to === 'new' ? no('running-digest-mismatch') : { ok: true, summary: 'as before', facts: {} };
    const { spans, outcome } = await traced({ script: { proveRunning }, options: { path: ['dev'] } });
    assert.equal(outcome.kind, 'rolled-back');
    assert.deepEqual(
      childrenOf(spans, only(spans, 'promotion dev')).filter((name) => name.startsWith('undo')),
      ['undo health', 'undo prove-running', 'undo restore-manifests', 'undo roll-out'],
    );
  });

  it('has a parked promotion’s wait for help, and the step that was tried again', async () => {
    let tries = 0;
    const checkPullable: Script['checkPullable'] = async () => {
      tries += 1;
      return tries === 1 ? no('image-not-pullable') : { ok: true, summary: 'pullable', facts: {} };
    };
    const { spans, outcome } = await traced({
      script: { checkPullable },
      options: { path: ['dev'] },
      meanwhile: async (version) => {
        await until(engine.env.client, version, 'dev', ({ phase }) => phase === 'needs-attention');
        await promotionOf(engine.env.client, version, 'dev').executeUpdate(retryUpdate, { args: [{ by: 'ada' }] });
      },
    });
    assert.equal(outcome.kind, 'released');
    const wait = only(spans, 'wait for attention');
    const tried = spans.filter((one) => one.name === 'pullable');
    assert.deepEqual(tried.map((one) => one.attributes['sluice.result']).sort(), ['done', 'refused']);
    assert.equal(wait.parentSpanId, only(spans, 'promotion dev').spanId);
    const [first, second] = tried.toSorted((a, b) => a.endMs - b.endMs);
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(first.endMs <= wait.startMs && wait.endMs <= second.startMs, 'the wait lies between the two tries');
  });

  it('goes on in the same trace when another worker takes over, and no span is sent twice', async () => {
    const version = aVersion();
    const { client } = engine.env;
    const settings = { otlpTraces: `${receiver.url}/v1/traces` };
    const { activities } = scriptedActivities(
      {},
      { turns: 'queue', path: ['dev', 'staging'], approvals: { staging: APPROVAL } },
    );
    const release = await duringObserved(engine, activities, { settings }, async () => {
      const started = await startRelease(client, version);
      await until(client, version, 'staging', ({ phase }) => phase === 'waiting-for-approval');
      return started;
    });
    assert.ok(receiver.spans.length > 0, 'what has ended is sent before the release ends');
    assert.deepEqual(
      receiver.spans.filter((one) => one.name === 'release'),
      [],
    );
    await duringObserved(engine, activities, { settings }, async () => {
      const status = await until(client, version, 'staging', ({ phase }) => phase === 'waiting-for-approval');
      const args: [ApprovalStatement] = [answerBy('ada', status)];
      await promotionOf(client, version, 'staging').executeUpdate(approveUpdate, { args });
      await release.result();
    });
    const { spans } = receiver;
    const ids = spans.map((one) => one.spanId);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(new Set(spans.map((one) => one.traceId)).size, 1);
    assert.equal(only(spans, 'wait for approval').parentSpanId, only(spans, 'promotion staging').spanId);
    assert.deepEqual(childrenOf(spans, only(spans, 'release')), ['promotion dev', 'promotion staging', 'resolve']);
  });

  it('has the wait for a closed gate', async () => {
    let looks = 0;
    const checkGates = async (): Promise<GatesAnswer> => {
      looks += 1;
      if (looks > 1) return { ok: true, answer: 'yes', verdicts: [] };
      const verdict: GateVerdict = { gate: 'office', kind: 'hours', answer: 'wait', reason: 'the office is closed' };
      return { ok: true, answer: 'wait', verdicts: [verdict], until: new Date(Date.now() + 1_500).toISOString() };
    };
    const { spans, outcome } = await traced({ script: { checkGates }, options: { path: ['dev'], gates: ['dev'] } });
    assert.equal(outcome.kind, 'released');
    const wait = only(spans, 'wait for gate');
    assert.equal(wait.parentSpanId, only(spans, 'promotion dev').spanId);
    assert.ok(wait.endMs > wait.startMs);
  });

  it('has the wait for another release that holds the lease', async () => {
    const { client } = engine.env;
    const [first, second] = [aVersion(), aVersion()];
    const options = { turns: 'queue', path: ['dev'], approvals: {} } as const;
    let tries = 0;
    const checkPullable: Script['checkPullable'] = async () => {
      tries += 1;
      return tries === 1 ? no('image-not-pullable') : { ok: true, summary: 'pullable', facts: {} };
    };
    const { activities } = scriptedActivities({ checkPullable }, options);
    await duringObserved(engine, activities, { settings: { otlpTraces: `${receiver.url}/v1/traces` } }, async () => {
      const holding = await startRelease(client, first);
      await until(client, first, 'dev', ({ phase }) => phase === 'needs-attention');
      const waiting = await startRelease(client, second);
      await until(client, second, 'dev', hasPlace);
      await promotionOf(client, first, 'dev').executeUpdate(retryUpdate, { args: [{ by: 'ada' }] });
      await Promise.all([holding.result(), waiting.result()]);
    });
    const theirs = receiver.spans.filter((one) => one.attributes['sluice.version'] === second);
    const held = receiver.spans.filter((one) => one.attributes['sluice.version'] === first);
    const wait = only(theirs, 'wait for turn');
    assert.ok(wait.endMs >= only(held, 'promotion dev').startMs && wait.startMs >= only(held, 'admit').endMs);
    assert.notEqual(theirs[0]?.traceId, held[0]?.traceId);
  });

  for (const how of ['failing', 'never'] as const) {
    it(`holds no release up and no worker back when it answers ${how === 'never' ? 'nobody' : 'no'}`, async () => {
      receiver.answer(how);
      const { outcome, spans } = await traced({ options: { path: ['dev'] } });
      assert.equal(outcome.kind, 'released');
      assert.equal(spans.length, 0);
      assert.ok(receiver.requests > 0, 'it was tried');
    });
  }

  it('is bounded by a queue: what a receiver that hangs does not take is dropped', async () => {
    receiver.answer('never');
    const settings = { resource: {}, metricsEveryMs: 60_000, otlpTraces: `${receiver.url}/v1/traces` };
    const telemetry = await startTelemetry(settings, new DefaultLogger('ERROR'));
    const many = 20_000;
    for (let number = 0; number < many; number += 1) {
      const span = `wait ${number}`;
      const wait = {
        what: 'wait',
        wait: 'gate',
        service: 'iam',
        trace: 'one',
        span,
        startedMs: 1,
        endedMs: 2,
      } as const;
      await telemetry.sinks.sluice.observed.fn({} as WorkflowInfo, wait);
    }
    receiver.answer('well');
    await telemetry.stop();
    assert.ok(receiver.spans.length <= 8_192 + 512, `${receiver.spans.length} of ${many} were kept`);
  });

  it('has each wait for people, and sends each span once, although every task replays the workflow', async () => {
    const { spans } = await traced({
      cachedWorkflows: 0,
      options: { path: ['dev', 'staging'], approvals: { staging: APPROVAL } },
      meanwhile: async (version) => {
        const { client } = engine.env;
        const status = await until(client, version, 'staging', ({ phase }) => phase === 'waiting-for-approval');
        const args: [ApprovalStatement] = [answerBy('ada', status)];
        await promotionOf(client, version, 'staging').executeUpdate(approveUpdate, { args });
      },
    });
    const wait = only(spans, 'wait for approval');
    assert.equal(wait.parentSpanId, only(spans, 'promotion staging').spanId);
    const ids = spans.map((one) => one.spanId);
    assert.equal(new Set(ids).size, ids.length);
  });
});

function only(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const [found, ...more] = spans.filter((one) => one.name === name);
  assert.ok(found !== undefined && more.length === 0, `${more.length + 1} spans of the name ${name}`);
  return found;
}

/** By name. A turn that comes at once is waited for or not, as it happens. */
function childrenOf(spans: readonly ReceivedSpan[], parent: ReceivedSpan): readonly string[] {
  return spans
    .filter((one) => one.parentSpanId === parent.spanId && one.name !== 'wait for turn')
    .map((one) => one.name)
    .sort();
}
