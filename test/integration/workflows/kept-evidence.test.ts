/** Evidence that is kept by itself: the real workflows and the real activities, over registries and clusters in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EVIDENCE_WORKFLOW, type EvidenceResult } from '../../../src/contract/evidence-workflow.ts';
import { evidenceId } from '../../../src/contract/workflow-ids.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { openArchive, packArchive } from '../../../src/evidence/archive.ts';
import { releaseIn } from '../../../src/evidence/derived.ts';
import { EVIDENCE_ARTEFACT } from '../../../src/evidence/registry-content.ts';
import type { EvidenceTrust } from '../../../src/evidence/trust.ts';
import { verifyEvidence } from '../../../src/evidence/verify.ts';
import { createMemorySignatures } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import { clientsOfSuite, engineOfSuite } from '../../support/engine.ts';
import { aWorld, type Environment, type MemoryWorld, PATH, type Pushed, SIGNER } from '../../support/memory-world.ts';
import { until } from '../../support/releases.ts';
import { worldActivities } from '../../support/world-activities.ts';

/** Of somebody who knows the signer, and demands nothing else. */
const TRUST: EvidenceTrust = {
  isNamed: () => true,
  signaturesAt: () => createMemorySignatures({ [COMMON_SIGNER]: [SIGNER] }),
  signedBy: () => COMMON_SIGNATURES,
  judge: async () => [],
  approvedBy: () => undefined,
  records: createMemorySignatures({}),
  demandsRecord: () => false,
};

const SERVICE = 'iam';
const HERE = 'staging';

describe('evidence where no environment signs records', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const clients = clientsOfSuite(engine, 'grace', 'hans');

  const inWorld = async (
    work: (world: MemoryWorld) => Promise<void>,
    rulebook = (same: Rulebook): Rulebook => same,
  ) => {
    const world = await aWorld({ rulebook, keepsEvidence: true });
    await engine.during(worldActivities(world), () => work(world), PATH);
  };

  async function start(world: MemoryWorld, version: string, signer?: string): Promise<Pushed> {
    const pushed = await world.push(version, signer === undefined ? {} : { signer });
    const { digest, manifests } = pushed;
    await clients.grace.startRelease({ service: SERVICE, version, image: `iam@${digest}`, manifests });
    return pushed;
  }

  const outcomeOf = async (version: string) => (await clients.grace.wait({ service: SERVICE, version })).outcome;

  /** What the workflow that keeps it says; it is begun before whoever hands over ends. */
  const kept = async (version: string, rollbackIn?: string): Promise<EvidenceResult> =>
    (await engine.env.client.workflow.getHandle(evidenceId(SERVICE, version, rollbackIn)).result()) as EvidenceResult;

  /** Files beside that image, the parts of each. */
  async function filesIn(world: MemoryWorld, environment: Environment, digest: Digest) {
    const { reader } = world.registries.registry(environment);
    const listed = await reader.referrers('iam', digest);
    const files = listed.filter(({ artifactType }) => artifactType === EVIDENCE_ARTEFACT);
    return Promise.all(
      files.map(async (one) => {
        const manifest = await reader.manifest('iam', one.digest);
        const { layers } = JSON.parse(String(Buffer.from(manifest?.bytes ?? []))) as { layers: { digest: Digest }[] };
        return openArchive(await reader.blob('iam', layers[0]?.digest as Digest, 10_000_000));
      }),
    );
  }

  it('of a release that ended well lies in the last registry that it reached', async () => {
    await inWorld(async (world) => {
      const { digest } = await start(world, '1.0.0');
      assert.equal((await outcomeOf('1.0.0')).kind, 'released');
      const result = await kept('1.0.0');
      assert.equal(result.kept && result.facts['registry'], 'staging.example.test');
      assert.equal((await filesIn(world, 'staging', digest)).length, 1);
      assert.deepEqual(
        (await clients.grace.audit({ service: SERVICE })).gaps.filter(({ gap }) => gap === 'no-evidence'),
        [],
      );
    });
  });

  const rule = { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 60_000 };
  const asking = (rulebook: Rulebook): Rulebook => {
    const staging = rulebook.environments[HERE] as EnvironmentRules;
    return { ...rulebook, environments: { ...rulebook.environments, [HERE]: { ...staging, approval: rule } } };
  };

  it('of one that somebody rejected lies where it was before, with the no and who said it', async () => {
    await inWorld(async (world) => {
      const { digest } = await start(world, '2.0.0');
      await until(engine.env.client, '2.0.0', HERE, (one) => one.phase === 'waiting-for-approval');
      await clients.hans.reject({ service: SERVICE, version: '2.0.0', environment: HERE, reason: 'not today' });
      assert.equal((await outcomeOf('2.0.0')).kind, 'refused');
      const result = await kept('2.0.0');
      assert.equal(result.kept && result.facts['registry'], 'dev.example.test');
      const [file = []] = await filesIn(world, 'dev', digest);
      const promotions = releaseIn(file).promotions.map(({ environment, run }) => [environment, run.outcome?.kind]);
      assert.deepEqual(promotions, [
        ['dev', 'released'],
        ['staging', 'refused'],
      ]);
      assert.match(JSON.stringify(releaseIn(file).promotions[1]?.history), /not today/);
    }, asking);
  });

  it('of one that its first environment refused lies there, where the image was pushed', async () => {
    await inWorld(async (world) => {
      const { digest } = await start(world, '3.0.0', 'nobody-known');
      assert.equal((await outcomeOf('3.0.0')).kind, 'refused');
      assert.equal((await kept('3.0.0')).kept, true);
      assert.equal((await filesIn(world, 'dev', digest)).length, 1);
    });
  });

  it('of one that entered no environment is none, and the release says so', async () => {
    await inWorld(async (world) => {
      const { manifests } = await world.push('4.0.0');
      const image = `iam@sha256:${'0'.repeat(64)}`;
      await clients.grace.startRelease({ service: SERVICE, version: '4.0.0', image, manifests });
      assert.equal((await outcomeOf('4.0.0')).refusal?.code, 'image-not-found');
      assert.deepEqual((await clients.grace.status({ service: SERVICE, version: '4.0.0' })).release.evidenceIn, []);
      const none = engine.env.client.workflow.getHandle(evidenceId(SERVICE, '4.0.0')).describe();
      await assert.rejects(none, { name: 'WorkflowNotFoundError' });
      const { gaps } = await clients.grace.audit({ service: SERVICE });
      assert.ok(!gaps.some(({ gap, version }) => gap === 'no-evidence' && version === '4.0.0'));
    });
  });

  it('of a roll-back lies beside the version that it brought back and beside the one that it left', async () => {
    await inWorld(async (world) => {
      const images = [await start(world, '5.0.0')];
      assert.equal((await outcomeOf('5.0.0')).kind, 'released');
      images.push(await start(world, '6.0.0'));
      assert.equal((await outcomeOf('6.0.0')).kind, 'released');
      for (const version of ['5.0.0', '6.0.0']) await kept(version);
      await clients.grace.startRollback({ service: SERVICE, environment: HERE, reason: 'errors' });
      const { outcome, to } = await clients.grace.waitForRollback(SERVICE, HERE);
      assert.deepEqual([outcome.kind, to], ['released', '5.0.0']);
      for (const version of ['5.0.0', '6.0.0']) assert.equal((await kept(version, HERE)).kept, true);
      const [back = [], left = []] = await Promise.all(
        images.map(async ({ digest }) => {
          const files = await filesIn(world, HERE, digest);
          assert.equal(files.length, 2, 'of its release, and of the roll-back');
          return files.find((parts) => parts.some(({ path }) => /\.(?:away|rollback)\.json$/.test(path)));
        }),
      );
      assert.deepEqual(
        releaseIn(back).promotions.map(({ environment, number }) => [environment, number]),
        [
          ['dev', 1],
          [HERE, 1],
          [HERE, 2],
        ],
      );
      for (const parts of [back, left]) {
        const { answer, findings } = await verifyEvidence(await packArchive(parts), TRUST);
        const wrong = findings.filter(({ state }) => state === 'wrong' || state === 'missing');
        assert.deepEqual([answer, wrong], ['yes', []]);
      }
      const [away] = releaseIn(left).takenAway;
      assert.deepEqual([away?.environment, away?.history.workflow], [HERE, 'rollback']);
      assert.match(
        String(Buffer.from(left.find(({ path }) => path === 'release.json')?.bytes ?? [])),
        /"reason":"errors"/,
      );
      await clients.grace.liftHold({ service: SERVICE, environment: HERE });
    });
  });

  it('is told as a gap where nobody could keep it', async () => {
    const nobody = await aWorld({ keepsEvidence: true });
    const { zones } = nobody;
    const without = ({ keeper: _, ...ports }: typeof zones.dev.ports) => ports;
    const world = {
      ...nobody,
      zones: {
        dev: { ...zones.dev, ports: without(zones.dev.ports) },
        staging: { ...zones.staging, ports: without(zones.staging.ports) },
      },
    };
    await engine.during(
      worldActivities(world),
      async () => {
        await start(world, '7.0.0');
        await outcomeOf('7.0.0');
        const result = await kept('7.0.0');
        assert.match(result.kept ? '' : result.refusal.message, /^staging keeps no evidence; dev keeps no evidence$/);
        const { gaps } = await clients.grace.audit({ service: SERVICE });
        assert.ok(gaps.some(({ gap, version }) => gap === 'no-evidence' && version === '7.0.0'));
      },
      PATH,
    );
  });

  it(`is kept by a workflow of the type ${EVIDENCE_WORKFLOW}, which nobody waits for`, async () => {
    const { type, parentExecution } = await engine.env.client.workflow
      .getHandle(evidenceId(SERVICE, '1.0.0'))
      .describe();
    assert.deepEqual([type, parentExecution?.workflowId], [EVIDENCE_WORKFLOW, `release/${SERVICE}/1.0.0`]);
  });
});
