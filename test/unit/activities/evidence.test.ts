import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keepEvidence } from '../../../activities/evidence.ts';
import type { KeepEvidenceRequest } from '../../../src/contract/evidence-workflow.ts';
import { parseDigest } from '../../../src/domain/digest.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
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

  test('where no records are signed nobody may push, and names that are none lead nowhere', async () => {
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
