import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import type { ReleaseClient, Signer } from '../../../src/client/index.ts';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import { createMemorySignatures } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import type { ApprovalVerifier } from '../../../src/ports/approvals.ts';
import type { Signatures } from '../../../src/ports/signatures.ts';
import { promotionId } from '../../../src/contract/workflow-ids.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { canonicalJson } from '../../../src/content/canonical-json.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { Rulebook } from '../../../src/domain/rulebook.ts';
import { type Digest, parseDigest } from '../../../src/domain/digest.ts';
import { EVIDENCE_ARTEFACT } from '../../../src/evidence/registry-content.ts';
import type { EvidenceTrust } from '../../../src/evidence/trust.ts';
import { verifyEvidence } from '../../../src/evidence/verify.ts';
import { signStatement } from '../../../src/statements/sign.ts';
import { guarded } from '../../support/guarded-world.ts';
import { aWorld, type MemoryWorld, SIGNER } from '../../support/memory-world.ts';
import { aPerson, type Person } from '../../support/people.ts';
import { worldActivities } from '../../support/world-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from './engine.ts';

/** As a configuration names the version of its rules. */
function withPolicy(rules: Rulebook): Rulebook {
  const { environments, services } = rules;
  const policy = canonicalJson({ format: 1, environments, services });
  return { ...rules, policy, policyVersion: digestOf(policy) };
}

describe('when the evidence of a release is exported from a real server', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let client: ReleaseClient;
  let world: MemoryWorld;
  let ada: Person;
  let people: ApprovalVerifier;
  const key = { service: 'iam', version: '1.0.0' };

  before(async () => {
    engine = await startEngine();
    ada = aPerson('ada');
    people = createKeyApprovals([{ name: 'ada', aliases: [], groups: ['release-managers'], keys: [ada.pem] }]);
    world = await aWorld({
      rulebook: (rules) => withPolicy(guarded(rules)),
      approvals: people,
      now: () => new Date(),
      signsRecords: true,
    });
    engine.act(worldActivities(world));
    client = await engine.client('pipeline');
    const { digest, manifests } = await world.push('v1');
    await client.startRelease({ ...key, image: `iam@${digest}`, manifests });
    for await (const event of client.watch(key))
      if (
        event.kind === 'waiting' &&
        event.environment === 'staging' &&
        event.answer?.some((one) => one.includes('approve'))
      )
        break;
    const signer: Signer = {
      subject: 'ada',
      sign: (facts, goodForMs) => signStatement(facts, 'ada', ada, { now: new Date(), goodForMs }),
    };
    await (await engine.client('ada')).approve({ ...key, signer });
    const { outcome } = await client.wait(key);
    assert.equal(outcome.kind, 'released', outcome.reason);
  });
  after(() => engine.stop());

  const policy = (): string => world.zones.dev.rulebook.policy ?? '';
  const registryOf = async (name: string) => world.registries.registry(name).reader;

  const trust = (): EvidenceTrust => ({
    signaturesAt: () => createMemorySignatures({ [COMMON_SIGNER]: [SIGNER] }),
    signedBy: () => COMMON_SIGNATURES,
    isNamed: () => true,
    judge: async () => [],
    approvals: people,
    approvedBy: () => undefined,
    records: world.zones.dev.ports.recorders as Signatures,
    demandsRecord: () => true,
  });

  test('it is the same bytes each time, and proves the release to whoever trusts its signer and its approver', async () => {
    const [first, second] = [
      await client.evidence({ ...key, registryOf, policy: policy() }),
      await client.evidence({ ...key, registryOf, policy: policy() }),
    ];
    assert.deepEqual(first.bytes, second.bytes);
    assert.deepEqual([first.registries, first.without], [['dev', 'staging'], []]);
    const { answer, findings } = await verifyEvidence(first.bytes, trust(), first.name);
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'proven'),
      [],
    );
    assert.equal(answer, 'yes');
    assert.ok(findings.some(({ check, by }) => check === 'approval' && by?.startsWith('ada (key')));
  });

  test('without a registry that nobody here may read it says so, and looks at what has travelled on', async () => {
    const { bytes, without } = await client.evidence({
      ...key,
      registryOf: async (name) => (name === 'dev' ? undefined : registryOf(name)),
    });
    assert.deepEqual(without, ['dev']);
    const { answer, findings } = await verifyEvidence(bytes, {
      ...trust(),
      demandsRecord: (name) => name === 'staging',
    });
    assert.equal(answer, 'yes');
    const own = findings.filter(({ environment }) => environment === 'dev');
    assert.deepEqual(own.find(({ check }) => check === 'content')?.state, 'unproven');
    assert.deepEqual(own.find(({ check }) => check === 'signature')?.state, 'proven');
  });

  test('a release that nobody knows has none', async () => {
    const unknown = client.evidence({ ...key, version: '9.9.9', registryOf });
    await assert.rejects(unknown, { name: 'ReleaseEngineError', code: 'evidence-incomplete' });
  });

  test('the trail says who started it, who agreed with what proof, and what came of it', async () => {
    const entries = async () =>
      (await client.audit({ service: 'iam' })).entries.map(({ who, what, proof }) => ({ who, what, proof }));
    const complete = async (): Promise<boolean> =>
      (await entries()).some((one) => one.what === 'end' && one.who === 'engine');
    while (!(await complete())) await new Promise((resolve) => setImmediate(resolve));
    const all = await entries();
    assert.deepEqual(all[0], { who: 'pipeline', what: 'start', proof: undefined });
    assert.ok(all.some(({ who, what, proof }) => who === 'ada' && what === 'approve' && proof === 'key'));
    assert.deepEqual(
      (await client.audit({ service: 'iam', who: 'ADA', what: 'approve' })).entries.map((one) => one.environment),
      ['staging'],
    );
    assert.deepEqual((await client.audit({ service: 'iam' })).gaps, []);
  });

  test('when it ends its evidence is kept beside the image, in the last registry that it reached, and proves the same', async () => {
    const reader = await registryOf('staging');
    const { image } = (await client.status(key)).release;
    assert.ok(image !== undefined);
    const digest = parseDigest(image.digest);
    const kept = async () =>
      (await reader.referrers('iam', digest)).filter((one) => one.artifactType === EVIDENCE_ARTEFACT);
    while ((await kept()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    const [artefact, ...more] = await kept();
    assert.equal(more.length, 0);
    const manifest = await reader.manifest('iam', artefact?.digest as Digest);
    const { layers } = JSON.parse(Buffer.from(manifest?.bytes ?? []).toString()) as { layers: { digest: Digest }[] };
    const bytes = await reader.blob('iam', layers[0]?.digest as Digest, 10_000_000);
    const byHand = await client.evidence({ ...key, registryOf, policy: policy() });
    assert.ok(byHand.bytes.equals(bytes), 'it is what would be exported by hand, and does not hold itself');
    assert.equal((await verifyEvidence(bytes, trust(), byHand.name)).answer, 'yes');
  });

  test('a promotion whose history somebody deletes is missed, and one that ended before the time that is asked about is not', async () => {
    const workflowId = promotionId('iam', '1.0.0', 'dev');
    const connection = await Connection.connect({ address: engine.address });
    try {
      const { workflow, workflowService } = new Client({ connection, namespace: engine.namespace });
      const { closeTime } = await workflow.getHandle(workflowId).describe();
      const since = new Date((closeTime?.getTime() ?? 0) + 1).toISOString();
      assert.deepEqual((await client.audit({ service: 'iam', since })).gaps, []);
      await workflowService.deleteWorkflowExecution({
        namespace: engine.namespace,
        workflowExecution: { workflowId },
      });
      const isThere = () =>
        workflow
          .getHandle(workflowId)
          .describe()
          .then(
            () => true,
            () => false,
          );
      // the server takes its time
      while (await isThere()) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(
        (await client.audit({ service: 'iam', since })).gaps.map(({ gap, environment, workflowId: of }) => [
          gap,
          environment,
          of,
        ]),
        [['no-history', 'dev', workflowId]],
      );
    } finally {
      await connection.close();
    }
  });
});
