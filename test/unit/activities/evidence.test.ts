import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keepEvidence } from '../../../activities/evidence.ts';
import type { KeepEvidenceRequest } from '../../../src/contract/evidence-workflow.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import { type Digest, parseDigest } from '../../../src/domain/digest.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { openArchive } from '../../../src/evidence/archive.ts';
import { policyPath } from '../../../src/evidence/layout.ts';
import type { ArtefactPublisher } from '../../../src/ports/artefact-publisher.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { EVIDENCE_ARTEFACT } from '../../../src/evidence/registry-content.ts';
import { historiesIn, type Told } from '../../support/histories.ts';
import { aWorld, type MemoryWorld } from '../../support/memory-world.ts';

const RELEASE = { workflowId: 'release/iam/1.0.0', runId: 'run' };
const REQUEST: KeepEvidenceRequest = { service: 'iam', version: '1.0.0', environment: 'dev', of: RELEASE };

/** A release that went no further than dev, where its image lies. */
async function aRelease(world: MemoryWorld): Promise<readonly Told[]> {
  const { digest, manifests } = await world.push('v1');
  const image = { repository: 'iam', digest };
  const promotion = { workflowId: 'promotion/iam/1.0.0/dev', runId: 'in-dev' };
  const input = { service: 'iam', version: '1.0.0', manifests, requestedBy: 'pipeline' };
  const own = { environment: 'dev', outcome: { kind: 'refused', reason: 'no' }, evidence: [], runId: 'in-dev' };
  const outcome = { kind: 'refused', reason: 'dev: no' };
  return [
    {
      ...{ workflow: 'release', ...RELEASE, input: { ...input, image: `iam@${digest}` }, children: [promotion] },
      result: { service: 'iam', version: '1.0.0', image, outcome, promotions: [own] },
    },
    {
      ...{ workflow: 'promotion', ...promotion, parent: RELEASE, result: own },
      input: { ...input, environment: 'dev', source: 'dev', image },
    },
  ];
}

const keptIn = async ({ registries }: MemoryWorld, told: readonly Told[]) => {
  const { image } = told[0]?.result as { image: { digest: never } };
  const listed = await registries.registry('dev').reader.referrers('iam', image.digest);
  return listed.filter(({ artifactType }) => artifactType === EVIDENCE_ARTEFACT).length;
};

describe('when evidence is to be kept beside an image', () => {
  test('it is kept once, however often it is asked for', async () => {
    const world = await aWorld({ signsRecords: true });
    const told = await aRelease(world);
    const answers = [
      await keepEvidence(world.zones.dev, REQUEST, historiesIn(told)),
      await keepEvidence(world.zones.dev, REQUEST, historiesIn(told)),
    ];
    assert.deepEqual(answers[0], answers[1]);
    assert.ok(answers[0]?.ok);
    assert.equal(await keptIn(world, told), 1);
  });

  test('where images are locked it may not be deleted, and more may be said of it', async () => {
    const locking = (rulebook: Rulebook): Rulebook => {
      const dev = { ...(rulebook.environments['dev'] as EnvironmentRules), lockImages: true };
      return { ...rulebook, environments: { ...rulebook.environments, dev } };
    };
    const world = await aWorld({ signsRecords: true, rulebook: locking });
    const answer = await keepEvidence(world.zones.dev, REQUEST, historiesIn(await aRelease(world)));
    const digest = parseDigest(answer.ok ? (answer.facts['artefact'] ?? '') : '');
    const state = await world.zones.dev.ports.locks.read({ repository: 'iam', digest });
    assert.deepEqual(state, { deletable: false, writable: true });
  });

  test('a registry that attaches nothing to a locked image has it opened for that, and locked again', async () => {
    const locking = (rulebook: Rulebook): Rulebook => {
      const dev = { ...(rulebook.environments['dev'] as EnvironmentRules), lockImages: true };
      return { ...rulebook, environments: { ...rulebook.environments, dev } };
    };
    const world = await aWorld({ keepsEvidence: true, rulebook: locking });
    const told = await aRelease(world);
    const { dev } = world.zones;
    const { image } = told[0]?.result as { image: { digest: never } };
    const subject = { repository: 'iam', digest: image.digest };
    await dev.ports.locks.set(subject, { deletable: false, writable: false });
    const keeper = dev.ports.keeper as ArtefactPublisher;
    const strict: ArtefactPublisher = {
      ...keeper,
      async publish(repository, artefact) {
        const state = await dev.ports.locks.read(subject);
        if (state?.writable === false) throw new PortError('image-locked', 'HTTP 405', { retry: 'no' });
        assert.equal(state?.deletable, false, 'it stays undeletable meanwhile');
        await keeper.publish(repository, artefact);
      },
    };
    const zone = { ...dev, ports: { ...dev.ports, keeper: strict } };
    assert.ok((await keepEvidence(zone, REQUEST, historiesIn(told))).ok);
    assert.deepEqual(await dev.ports.locks.read(subject), { deletable: false, writable: false });
    assert.equal(await keptIn(world, told), 1);
  });

  test('it holds the rules by which a promotion was planned, where they still hold', async () => {
    const policy = '{"environments":{},"format":1}';
    const version = digestOf(policy);
    const world = await aWorld({
      keepsEvidence: true,
      rulebook: (rulebook) => ({ ...rulebook, policy, policyVersion: version }),
    });
    const told = await aRelease(world);
    const partsFor = async (policyVersion: string) => {
      const plan = { policyVersion, approval: undefined };
      const planned = told.map((one) =>
        one.workflow === 'promotion'
          ? { ...one, activities: [{ name: 'planPromotion', request: {}, answer: { plan, planDigest: 'x' } }] }
          : one,
      );
      const { reader } = world.registries.registry('dev');
      const answer = await keepEvidence(world.zones.dev, REQUEST, historiesIn(planned));
      const digest = parseDigest(answer.ok ? (answer.facts['artefact'] ?? '') : '');
      const manifest = await reader.manifest('iam', digest);
      const { layers } = JSON.parse(String(Buffer.from(manifest?.bytes ?? []))) as { layers: { digest: Digest }[] };
      const parts = await openArchive(await reader.blob('iam', layers[0]?.digest as Digest, 1_000_000));
      return parts.filter(({ path }) => path.startsWith('policies/'));
    };
    const [kept] = await partsFor(version);
    assert.deepEqual([kept?.path, String(Buffer.from(kept?.bytes ?? []))], [policyPath(version), policy]);
    assert.deepEqual(await partsFor(digestOf('others')), []);
  });

  test('a roll-back that the server does not list yet is waited for', async () => {
    const world = await aWorld({ keepsEvidence: true });
    const told = await aRelease(world);
    const rollback = {
      ...{ workflow: 'rollback', workflowId: 'rollback/iam/dev', runId: 'back' },
      input: { service: 'iam', environment: 'dev', reason: 'errors', requestedBy: 'ada' },
      activities: [{ name: 'findKnownGood', request: {}, answer: { ok: true, current: '1.0.0' } }],
      result: { to: '0.9.0', promotion: { runId: 'old' }, outcome: { kind: 'released', reason: '' } },
    };
    const all = historiesIn([...told, rollback]);
    const request = { ...REQUEST, of: { workflowId: rollback.workflowId, runId: rollback.runId } };
    const late = { ...all, runsOf: async () => [] };
    await assert.rejects(keepEvidence(world.zones.dev, request, late), { code: 'evidence-incomplete', retry: 'yes' });
    assert.ok((await keepEvidence(world.zones.dev, request, all)).ok);
    const back = { ...request, version: '0.9.0' };
    const other = historiesIn([
      ...told.map((one) => JSON.parse(JSON.stringify(one).replaceAll('1.0.0', '0.9.0')) as Told),
      rollback,
    ]);
    await assert.rejects(keepEvidence(world.zones.dev, back, other), { code: 'evidence-incomplete', retry: 'yes' });
  });

  test('as long as the history is not whole it is tried again', async () => {
    const world = await aWorld({ signsRecords: true });
    const told = (await aRelease(world)).map(({ result: _, ...one }) => one);
    const early = keepEvidence(world.zones.dev, REQUEST, historiesIn(told));
    await assert.rejects(early, { code: 'evidence-incomplete', retry: 'yes' });
  });

  test('for a run that there is not, or is none of this release, it is not', async () => {
    const world = await aWorld({ signsRecords: true });
    const told = await aRelease(world);
    for (const of of [
      { ...RELEASE, runId: 'another' },
      { workflowId: 'release/other/1.0.0', runId: 'run' },
    ]) {
      const asked = keepEvidence(world.zones.dev, { ...REQUEST, of }, historiesIn(told));
      await assert.rejects(asked, { code: 'evidence-incomplete', retry: 'no' });
    }
    assert.equal(await keptIn(world, told), 0);
  });

  test('where nothing is kept nobody may push, and names that are none lead nowhere', async () => {
    const silent = await aWorld();
    const told = await aRelease(silent);
    assert.equal((await keepEvidence(silent.zones.dev, REQUEST, historiesIn(told))).ok, false);
    const world = await aWorld({ signsRecords: true });
    const odd = { ...REQUEST, service: "iam' OR '1'='1" };
    assert.equal((await keepEvidence(world.zones.dev, odd, historiesIn(await aRelease(world)))).ok, false);
  });

  test('somebody who asks for it without an end fills no registry', async () => {
    const world = await aWorld({ signsRecords: true });
    const told = await aRelease(world);
    const answers = [];
    for (let round = 0; round < 22; round += 1) {
      const other = told.map((one, at) =>
        at === 0 ? { ...one, input: { ...(one.input as object), ticket: `${round}` } } : one,
      );
      answers.push(await keepEvidence(world.zones.dev, REQUEST, historiesIn(other)));
    }
    assert.deepEqual(answers.map(({ ok }) => ok).slice(18), [true, true, false, false]);
    assert.equal(await keptIn(world, told), 20);
  });
});
