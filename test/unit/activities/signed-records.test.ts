import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Zone } from '../../../activities/index.ts';
import type { RecordRequest, StepAnswer, StepRequest } from '../../../src/contract/activities.ts';
import { type PromotionPredicate, PROMOTION_PREDICATE } from '../../../src/evidence/record-predicate.ts';
import { readPromotion } from '../../../src/evidence/record-statement.ts';
import type { ArtefactPublisher } from '../../../src/ports/artefact-publisher.ts';
import type { Recording } from '../../../src/ports/environment-ports.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { advance, isFailure, letIn, planFor, promote, run, runFrom } from '../../support/activity-runs.ts';
import { aGuardedWorld, signed } from '../../support/guarded-world.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor, YAML } from '../../support/memory-world.ts';

const SHUT = { deletable: false, writable: false };

/** What staging's own key has signed about the image. */
async function recordsOf(world: MemoryWorld, { digest }: Pushed): Promise<readonly PromotionPredicate[]> {
  const { registry, recorders } = world.zones.staging.ports;
  const found = await recorders?.attestations(registry, { repository: 'iam', digest }, [PROMOTION_PREDICATE]);
  return (found ?? [])
    .filter(({ signers }) => signers.includes('staging'))
    .map(({ predicate }) => readPromotion(predicate) ?? assert.fail('no record of the documented form'));
}

async function theRecordOf(world: MemoryWorld, pushed: Pushed): Promise<PromotionPredicate> {
  const [record, ...others] = await recordsOf(world, pushed);
  assert.equal(others.length, 0, 'one promotion leaves one record');
  return record ?? assert.fail('no record');
}

/** The same zone with another way into its registry. */
function publishing(zone: Zone, change: (publisher: ArtefactPublisher) => ArtefactPublisher): Zone {
  const recording = zone.ports.recording as Recording;
  return { ...zone, ports: { ...zone.ports, recording: { ...recording, publisher: change(recording.publisher) } } };
}

async function aPromotion(): Promise<{ world: MemoryWorld; pushed: Pushed; request: StepRequest }> {
  const world = await aWorld({ signsRecords: true });
  const pushed = await world.push('one');
  const { request } = await advance(world, requestFor(await planFor(world, pushed, '1.0.0')));
  return { world, pushed, request };
}

describe('when a promotion has ended well', () => {
  test('its environment signs what it has decided and seen, and attaches that to the image', async () => {
    const { world, pushed, request } = await aPromotion();
    const answer = await run(world.zones.staging, 'recordPromotion', request);
    assert.ok(answer.ok);
    const record = await theRecordOf(world, pushed);
    assert.deepEqual(
      [record.outcome, record.service, record.version, record.from.environment, record.to.environment],
      ['promoted', 'iam', '1.0.0', 'dev', 'staging'],
    );
    assert.deepEqual([record.plan.digest, record.plan.content], [request.planDigest, request.plan]);
    assert.equal(record.decision?.verdicts[0]?.statements[0], pushed.signature);
    assert.deepEqual(record.effects.image, { tag: '1.0.0', manifestLock: SHUT, tagLock: SHUT });
    assert.equal(record.effects.pods.length, 2);
    assert.ok(record.effects.pods.every(({ imageDigest }) => imageDigest === pushed.digest));
    assert.deepEqual([record.effects.workloads[0]?.ref, record.effects.health?.status], ['deployment/iam', 200]);
    assert.deepEqual(record.engine, { name: 'sluice', version: '1.2.3' });
    assert.match(answer.facts['record'] ?? '', /^sha256:/);
  });

  test('the record names each import as the registry does, whatever the workflow tells of it', async () => {
    const { world, pushed, request } = await aPromotion();
    const facts = { effect: 'imported', operation: 'another' };
    const steps = [{ step: 'import', state: 'done', does: '', undo: '', facts }] as const;
    await run(world.zones.staging, 'recordPromotion', { ...request, steps } as RecordRequest);
    const { imports = [] } = (await theRecordOf(world, pushed)).effects;
    assert.equal(imports[0]?.digest, pushed.digest);
    for (const digest of [pushed.signature, pushed.manifests]) assert.ok(imports.some((one) => one.digest === digest));
    const accepted = world.registries.effects.filter(({ effect }) => effect === 'import-accepted');
    assert.deepEqual(
      imports.map(({ operation }) => operation).toSorted(),
      accepted.map(({ operation }) => `${request.plan.targetRegistry}/operations/${operation}`).toSorted(),
    );
  });

  test('the record says what it replaced, and what the workflow told is marked as its word', async () => {
    const { world, pushed, request } = await aPromotion();
    await run(world.zones.staging, 'recordPromotion', request);
    const second = await world.push('two');
    const next = await advance(world, requestFor(await planFor(world, second, '2.0.0')));
    const steps = [{ step: 'import', state: 'done', does: '', undo: '', facts: { effect: 'imported' } }] as const;
    const told: RecordRequest = { ...next.request, steps, entry: { passed: [], ticket: 'REL-7' } };
    await run(world.zones.staging, 'recordPromotion', told);
    const record = await theRecordOf(world, second);
    assert.deepEqual([record.replaces?.version, record.replaces?.digest], ['1.0.0', pushed.digest]);
    const word = [{ step: 'import', state: 'done', facts: { effect: 'imported' } }];
    assert.deepEqual(record.reportedByEngine, { steps: word, ticket: 'REL-7' });
  });

  test('the answers that let it in stand in the record whole, with what was proven of them', async () => {
    const world = await aGuardedWorld(undefined, { signsRecords: true });
    const pushed = await world.push('one');
    const { request } = await advance(world, await world.approved(pushed));
    await run(world.zones.staging, 'recordPromotion', request);
    const [approval, ...others] = (await theRecordOf(world, pushed)).decision?.approvals ?? [];
    assert.equal(others.length, 0);
    assert.equal(approval?.statement, request.approvals[0]?.statement);
    assert.deepEqual([approval?.approver, approval?.proof, approval?.groups], ['ada', 'key', ['release-managers']]);
  });

  test('asking again, and dying after the record was attached, leave one record', async () => {
    const { world, pushed, request } = await aPromotion();
    const dying = publishing(world.zones.staging, (publisher) => ({
      async publish(repository, artefact) {
        await publisher.publish(repository, artefact);
        throw new PortError('registry-unreachable', 'the answer was lost', { retry: 'yes' });
      },
    }));
    await assert.rejects(run(dying, 'recordPromotion', request), isFailure('registry-unreachable', false));
    const first = await run(world.zones.staging, 'recordPromotion', request);
    const second = await run(world.zones.staging, 'recordPromotion', request);
    assert.deepEqual(first.ok && first.facts, second.ok && second.facts);
    await theRecordOf(world, pushed);
  });

  test('what cannot be signed is not remembered: it may still be undone, and nobody goes back to it', async () => {
    const { world, request } = await aPromotion();
    const failing = publishing(world.zones.staging, () => ({
      publish: () => Promise.reject(new PortError('registry-forbidden', 'may not push', { retry: 'no' })),
    }));
    await assert.rejects(run(failing, 'recordPromotion', request), isFailure('registry-forbidden', true));
    const { records } = world.zones.staging.ports;
    for (const what of ['record', 'history'] as const)
      assert.equal(await records.read(what, 'iam-staging', 'iam'), undefined);
    const answer = await run(world.zones.staging, 'recordPromotion', request);
    const text = (await records.read('record', 'iam-staging', 'iam')) ?? '{}';
    assert.equal((JSON.parse(text) as { signed: string }).signed, answer.ok && answer.facts['record']);
  });

  test('a registry that attaches nothing to a locked image is opened for it, and image and record are kept', async () => {
    const { world, pushed, request } = await aPromotion();
    const { locks } = world.zones.staging.ports;
    const image = { repository: 'iam', digest: pushed.digest };
    const strict = publishing(world.zones.staging, (publisher) => ({
      async publish(repository, artefact) {
        const lock = await locks.read(image);
        if (lock?.writable === false) throw new PortError('image-locked', 'HTTP 405', { retry: 'no' });
        assert.equal(lock?.deletable, false, 'it stays undeletable meanwhile');
        await publisher.publish(repository, artefact);
      },
    }));
    const answer = await run(strict, 'recordPromotion', request);
    assert.ok(answer.ok);
    const record = { repository: 'iam', digest: answer.facts['record'] as Pushed['digest'] };
    for (const subject of [image, { repository: 'iam', tag: '1.0.0' }])
      assert.deepEqual(await locks.read(subject), SHUT);
    assert.equal((await locks.read(record))?.deletable, false);
    await theRecordOf(world, pushed);
  });

  test('an environment without a key signs nothing, and says so', async () => {
    const world = await aWorld();
    const pushed = await world.push('one');
    const answers = await promote(world, requestFor(await planFor(world, pushed, '1.0.0')));
    const last = answers.at(-1);
    assert.match(last?.ok === true ? last.summary : '', /no signed record/);
    const referrers = await world.zones.staging.ports.registry.referrers('iam', pushed.digest);
    assert.ok(referrers.every(({ annotations }) => !JSON.stringify(annotations ?? {}).includes(PROMOTION_PREDICATE)));
  });
});

describe('when somebody who can put any request on the task queue asks for a record', () => {
  async function refusedFor(zone: Zone, request: RecordRequest): Promise<string> {
    const answer: StepAnswer = await run(zone, 'recordPromotion', request);
    return answer.ok ? assert.fail('it was signed') : answer.refusal.code;
  }

  test('what was never let in is not signed', async () => {
    const world = await aWorld({ signsRecords: true });
    const pushed = await world.push('one');
    const request = requestFor(await planFor(world, pushed, '1.0.0'));
    await assert.rejects(run(world.zones.staging, 'recordPromotion', request), isFailure('not-admitted', true));
    assert.deepEqual(await recordsOf(world, pushed), []);
  });

  test('steps that were left out are seen: not imported, not applied, not locked, not running', async () => {
    const world = await aWorld({ signsRecords: true });
    const pushed = await world.push('one');
    const zone = world.zones.staging;
    const request = await letIn(zone, requestFor(await planFor(world, pushed, '1.0.0')));
    await assert.rejects(run(zone, 'recordPromotion', request), isFailure('manifests-missing', true));
    for (const name of ['importImage', 'copySignatures'] as const) await run(zone, name, request);
    await assert.rejects(run(zone, 'recordPromotion', request), isFailure('not-admitted', true));
    await run(zone, 'applyManifests', request);
    assert.equal(await refusedFor(zone, request), 'lock-not-effective');
    await run(zone, 'lockImage', request);
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'iam', namespace: 'iam-staging' };
    await zone.ports.cluster.remove([deployment], new AbortController().signal);
    assert.match(await refusedFor(zone, request), /^(?:workload-missing|running-digest-mismatch|roll-out-timeout)$/);
    assert.deepEqual(await recordsOf(world, pushed), []);
  });

  test('manifests that were not applied, or taken back, are not vouched for, though the same image runs', async () => {
    const world = await aWorld({ signsRecords: true });
    const zone = world.zones.staging;
    await promote(world, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
    const changed = await world.push('one', { yaml: YAML.replace('replicas: 2', 'replicas: 3') });
    const request = await letIn(zone, requestFor(await planFor(world, changed, '1.1.0')));
    for (const name of ['importImage', 'copySignatures', 'lockImage'] as const) await run(zone, name, request);
    await assert.rejects(run(zone, 'recordPromotion', request), isFailure('not-admitted', true));
    await run(zone, 'applyManifests', request);
    await run(zone, 'restoreManifests', request);
    await run(zone, 'rollOut', { ...request, to: 'previous' });
    await assert.rejects(run(zone, 'recordPromotion', request), isFailure('not-admitted', true));
    const versions = (await recordsOf(world, changed)).map((one) => one.version);
    assert.deepEqual(versions, ['1.0.0']);
  });

  test('another name for whoever asked for it, and other steps, change nothing of what is decided', async () => {
    const { world, pushed, request } = await aPromotion();
    await run(world.zones.staging, 'recordPromotion', { ...request, requestedBy: 'somebody else' });
    assert.equal((await theRecordOf(world, pushed)).requestedBy, 'pipeline');
  });

  test('other answers than those that let it in are not signed', async () => {
    const world = await aGuardedWorld(undefined, { signsRecords: true });
    const pushed = await world.push('one');
    const { request } = await advance(world, await world.approved(pushed));
    const forged = { ...request, approvals: [await signed(world.people.mallory, request)] };
    for (const other of [forged, { ...request, approvals: [] }]) {
      const asked = runFrom({ logger: world.logger }, world.zones.staging, 'recordPromotion', other);
      await assert.rejects(asked, isFailure('not-admitted', true));
    }
    assert.deepEqual(
      world.audit.map(({ message }) => /the answer of ada is not the one/.test(message)),
      [true, true],
    );
    assert.deepEqual(await recordsOf(world, pushed), []);
  });

  test('a request for another environment is signed by none', async () => {
    const { world, request } = await aPromotion();
    await assert.rejects(run(world.zones.dev, 'recordPromotion', request), isFailure('environment-unknown', true));
  });
});
