/** The manifests are proven like the image where the environment says so: at the source, at the door and at the destination. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stateSignature } from '../../../src/adapters/signatures/memory/memory-signatures.ts';
import { parseDigest } from '../../../src/domain/digest.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER, type SignatureRule } from '../../../src/domain/proof.ts';
import type { Rulebook } from '../../../src/domain/rulebook.ts';
import { letIn, planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, type MemoryWorld, requestFor, SIGNER } from '../../support/memory-world.ts';

const ANYBODY: SignatureRule = { need: 'any', of: [COMMON_SIGNER] };

const asking =
  (manifests: SignatureRule) =>
  (rulebook: Rulebook): Rulebook => {
    const { dev, staging } = rulebook.environments;
    const proofs = { signatures: COMMON_SIGNATURES, manifests };
    return { ...rulebook, environments: { dev: dev!, staging: { ...staging!, proofs } } };
  };

/** An image with its signature, and manifests that `signers` have signed in the first registry. */
async function released(wanted: SignatureRule, signers: readonly string[]) {
  const world = await aWorld({ rulebook: asking(wanted) });
  const pushed = await world.push('one');
  for (const signer of signers) await sign(world, pushed.manifests, signer);
  return { world, pushed, request: requestFor(await planFor(world, pushed, '1.0.0')) };
}

const sign = (world: MemoryWorld, manifests: string, signer: string): Promise<void> =>
  world.registries.registry('dev').publisher.publish('iam', stateSignature(parseDigest(manifests), signer));

describe('where an environment wants the manifests signed', () => {
  const refused: readonly (readonly [string, SignatureRule, readonly string[], string])[] = [
    ['nobody has signed', ANYBODY, [], 'manifests-unsigned'],
    ['somebody else has signed', ANYBODY, ['somebody'], 'manifests-untrusted'],
    ['one of two has signed', { need: 'all', of: [COMMON_SIGNER, 'scanner'] }, [SIGNER], 'manifests-incomplete'],
    ['a signer is wanted that nobody knows', { need: 'any', of: ['scanner'] }, [SIGNER], 'manifests-untrusted'],
  ];
  for (const [title, wanted, signers, code] of refused) {
    it(`${code} when ${title}: at the source before people are asked, and at the door`, async () => {
      const { world, request } = await released(wanted, signers);
      const seen = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' });
      assert.ok(!seen.ok && seen.refusal.code === code, JSON.stringify(seen));
      assert.match(seen.refusal.message, /manifest artefact iam@sha256:[0-9a-f]{12} in dev\.example\.test/);
      const door = await run(world.zones.staging, 'admit', request);
      assert.ok(!door.ok && 'refusal' in door && door.refusal.code === code, JSON.stringify(door));
    });
  }

  it('their signatures travel, are found again where they arrive, and stand in the evidence', async () => {
    const { world, pushed, request } = await released(ANYBODY, [SIGNER]);
    const signature = stateSignature(parseDigest(pushed.manifests), SIGNER).manifestDigest;
    const answers = await promote(world, request);
    assert.ok(
      answers.every((one) => one.ok),
      JSON.stringify(answers.filter((one) => !one.ok)),
    );
    const told = answers.flatMap((one) => (one.ok && 'manifests stated in' in one.facts ? [one.facts] : []));
    assert.deepEqual(
      told.map((facts) => [facts['registry'], facts['manifests stated in']]),
      ['dev.example.test', 'staging.example.test'].map((host) => [host, signature]),
    );
  });

  it('manifests whose signature has stayed behind are refused at the destination', async () => {
    const { world, pushed, request } = await released(ANYBODY, [SIGNER]);
    const inside = await letIn(world.zones.staging, request);
    const { importer } = world.registries.registry('staging');
    for (const digest of [pushed.digest, pushed.signature, pushed.manifests]) {
      const ticket = await importer.begin({ source: 'dev', repository: 'iam', digest }, AbortSignal.timeout(10_000));
      await importer.finish(ticket, AbortSignal.timeout(10_000));
    }
    const answer = await run(world.zones.staging, 'verifySignatures', { ...inside, at: 'destination' });
    assert.ok(!answer.ok && answer.refusal.code === 'manifests-unsigned', JSON.stringify(answer));
  });
});

it('where an environment says nothing of it, manifests need no signature', async () => {
  const world = await aWorld();
  const answers = await promote(world, requestFor(await planFor(world, await world.push('one'), '1.0.0')));
  assert.ok(answers.every((one) => one.ok));
});
