/** Staging wants dev's own word that it ran the image. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StepRequest } from '../../../src/contract/activities.ts';
import { COMMON_SIGNATURES } from '../../../src/domain/proof.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { recordArtefact, toBeSigned } from '../../../src/evidence/record-bundle.ts';
import { PROMOTION_PREDICATE } from '../../../src/evidence/record-predicate.ts';
import { promotionStatement, statementBytes } from '../../../src/evidence/record-statement.ts';
import type { Recording } from '../../../src/ports/environment-ports.ts';
import { createMemorySigner } from '../../../src/adapters/record-signer/memory.ts';
import type { RecordSigner } from '../../../src/ports/record-signer.ts';
import { letIn, planFor, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor } from '../../support/memory-world.ts';

function demanding(rulebook: Rulebook): Rulebook {
  const staging = rulebook.environments['staging'] as EnvironmentRules;
  const proofs = { signatures: COMMON_SIGNATURES, records: [{ of: 'dev' }] };
  return { ...rulebook, environments: { ...rulebook.environments, staging: { ...staging, proofs } } };
}

async function aDemandingWorld(): Promise<{ world: MemoryWorld; pushed: Pushed }> {
  const world = await aWorld({ signsRecords: true, rulebook: demanding });
  return { world, pushed: await world.push('one') };
}

/** The whole promotion into dev, where the image was pushed. */
async function promoteInDev(world: MemoryWorld, pushed: Pushed): Promise<StepRequest> {
  const zone = world.zones.dev;
  const request = await letIn(zone, requestFor(await planFor(world, pushed, '1.0.0', 'dev')));
  await run(zone, 'applyManifests', request);
  await run(zone, 'rollOut', { ...request, to: 'new' });
  const answer = await run(zone, 'recordPromotion', request);
  assert.ok(answer.ok, JSON.stringify(answer));
  return request;
}

async function entering(world: MemoryWorld, pushed: Pushed): Promise<readonly [string, string]> {
  const request = requestFor(await planFor(world, pushed, '1.0.0'));
  const looked = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' });
  const admitted = await run(world.zones.staging, 'admit', request);
  return [looked.ok ? 'yes' : looked.refusal.code, admitted.ok ? 'yes' : admitted.refusal.code];
}

/** A record of dev about an image, by whoever holds that key, attached in dev's registry. */
async function attach(
  world: MemoryWorld,
  pushed: Pushed,
  signer: RecordSigner,
  about: { readonly plan?: StepRequest; readonly digest?: Pushed['digest']; readonly bytes?: Uint8Array } = {},
): Promise<void> {
  const { plan, planDigest } = about.plan ?? requestFor(await planFor(world, pushed, '1.0.0', 'dev'));
  const at = '2026-11-23T12:00:00.000Z';
  const statement = promotionStatement(plan, planDigest, {
    ...{ admittedAt: at, promotedAt: at, requestedBy: 'mallory' },
    effects: { manifests: plan.manifests, image: { tag: '1.0.0' }, workloads: [], pods: [] },
    workflow: { id: 'promotion/iam/1.0.0/dev', runId: 'forged' },
    engine: { name: 'sluice', version: '9' },
    reportedByEngine: { steps: [] },
  });
  const bytes = about.bytes ?? statementBytes(statement);
  const registry = world.registries.registry('dev');
  const image = await registry.reader.manifest('iam', pushed.digest);
  assert.ok(image);
  const signature = await signer.sign(toBeSigned(bytes));
  await registry.publisher.publish('iam', recordArtefact(image, bytes, PROMOTION_PREDICATE, signature, at));
}

const signerOf = (world: MemoryWorld, name: 'dev' | 'staging'): RecordSigner =>
  (world.zones[name].ports.recording as Recording).signer;

describe('when an environment wants the record of an earlier one', () => {
  test('an image that the earlier one has promoted enters, and the verdict is remembered for its own record', async () => {
    const { world, pushed } = await aDemandingWorld();
    await promoteInDev(world, pushed);
    assert.deepEqual(await entering(world, pushed), ['yes', 'yes']);
    const text = await world.zones.staging.ports.records.read('admission', 'iam-staging', 'iam');
    const { decided } = JSON.parse(text ?? '{}') as { decided: { verdicts: { rule: string; statements: string[] }[] } };
    const verdict = decided.verdicts.find((one) => one.rule === 'record of dev');
    assert.equal(verdict?.statements.length, 1);
  });

  test('an image that it never promoted is refused', async () => {
    const { world, pushed } = await aDemandingWorld();
    assert.deepEqual(await entering(world, pushed), ['record-missing', 'record-missing']);
  });

  test('the record of another image is none of this one', async () => {
    const { world, pushed } = await aDemandingWorld();
    await promoteInDev(world, pushed);
    assert.deepEqual(await entering(world, await world.push('two')), ['record-missing', 'record-missing']);
  });

  test('a record that another environment has forged with its own key is refused', async () => {
    const { world, pushed } = await aDemandingWorld();
    await attach(world, pushed, signerOf(world, 'staging'));
    assert.deepEqual(await entering(world, pushed), ['record-untrusted', 'record-untrusted']);
  });

  test('a record by a key that nobody knows is refused', async () => {
    const { world, pushed } = await aDemandingWorld();
    await attach(world, pushed, createMemorySigner().signer);
    assert.deepEqual(await entering(world, pushed), ['record-untrusted', 'record-untrusted']);
  });

  test('a statement about another image, signed by the right key and attached to this one, is none', async () => {
    const { world, pushed } = await aDemandingWorld();
    const other = await world.push('two');
    const plan = requestFor(await planFor(world, other, '1.0.0', 'dev'));
    await attach(world, pushed, signerOf(world, 'dev'), { plan });
    assert.deepEqual(await entering(world, pushed), ['record-untrusted', 'record-untrusted']);
  });

  test('its key under something that is no record of the documented form proves nothing', async () => {
    const { world, pushed } = await aDemandingWorld();
    const predicate = { outcome: 'aborted', to: { environment: 'dev' } };
    const subject = [{ name: 'x', digest: { sha256: pushed.digest.slice(7) } }];
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject,
      predicateType: PROMOTION_PREDICATE,
      predicate,
    };
    await attach(world, pushed, signerOf(world, 'dev'), { bytes: Buffer.from(JSON.stringify(statement)) });
    assert.deepEqual(await entering(world, pushed), ['record-untrusted', 'record-untrusted']);
  });

  test('a forged record beside the honest one does no harm', async () => {
    const { world, pushed } = await aDemandingWorld();
    await attach(world, pushed, createMemorySigner().signer);
    await promoteInDev(world, pushed);
    assert.deepEqual(await entering(world, pushed), ['yes', 'yes']);
  });
});
