import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFailure, letIn, planFor, promote, run } from '../../support/activity-runs.ts';
import { aWorld, requestFor, YAML } from '../../support/memory-world.ts';

describe('the activities of one environment say no', () => {
  const refusals = [
    { title: 'an unsigned or wrongly signed image', code: 'signature-untrusted', signer: 'somebody' },
  ] as const;
  for (const { title, code, signer } of refusals) {
    it(`say no to ${title}`, async () => {
      const world = await aWorld();
      const request = requestFor(await planFor(world, await world.push('one', { signer }), '1.0.0'));
      const answer = await run(world.zones.staging, 'verifySignatures', { ...request, at: 'source' });
      assert.ok(!answer.ok && answer.refusal.code === code, JSON.stringify(answer));
    });
  }

  it('say no to manifests that name a tag, another namespace, or do not parse: all problems at once, before anything is done', async () => {
    const world = await aWorld();
    const bad = `${YAML.replace('image: iam,', 'image: "iam:1.0",').replace('name: iam }\nspec:\n  replicas', 'name: iam, namespace: elsewhere }\nspec:\n  replicas')}`;
    const pushed = await world.push('one', { yaml: bad });
    const request = {
      service: 'iam',
      version: '1.0.0',
      environment: 'staging',
      source: 'dev',
      image: { repository: 'iam', digest: pushed.digest },
      manifests: pushed.manifests,
      manifestsPublished: true,
    };
    const answer = await run(world.zones.staging, 'planPromotion', request);
    assert.ok(!answer.ok && answer.refusal.code === 'manifests-invalid', JSON.stringify(answer));
    assert.match(answer.refusal.got ?? '', /elsewhere/);
    assert.match(answer.refusal.got ?? '', /iam:1\.0/);
    assert.deepEqual(world.clusters.staging.effects, []);
  });

  it('say no to a version that means another image, at the source and at the destination', async () => {
    const world = await aWorld();
    const one = await world.push('one');
    const two = await world.push('two');
    await promote(world, requestFor(await planFor(world, one, '1.0.0')));
    const request = {
      service: 'iam',
      version: '1.0.0',
      environment: 'staging',
      source: 'dev',
      image: { repository: 'iam', digest: two.digest },
      manifests: two.manifests,
      manifestsPublished: true,
    };
    const answer = await run(world.zones.staging, 'planPromotion', request);
    assert.ok(
      !answer.ok && answer.refusal.code === 'version-taken' && answer.refusal.got === one.digest,
      JSON.stringify(answer),
    );
  });

  it('say no to manifests that belong to another image or are none, and fail for good without any', async () => {
    const world = await aWorld();
    const [one, two] = [await world.push('one'), await world.push('two')];
    const ask = (manifests: string) =>
      run(world.zones.staging, 'planPromotion', {
        service: 'iam',
        version: '1.0.0',
        environment: 'staging',
        source: 'dev',
        image: { repository: 'iam', digest: one.digest },
        manifests,
        manifestsPublished: true,
      });
    for (const [artefact, why] of [
      [two.manifests, `belongs to ${two.digest}, not to ${one.digest}`],
      [one.signature, 'has no layer of type'],
    ] as const) {
      const answer = await ask(artefact);
      assert.ok(!answer.ok && answer.refusal.code === 'manifests-invalid', JSON.stringify(answer));
      assert.ok(answer.refusal.got?.includes(why), answer.refusal.got);
    }
    await assert.rejects(
      ask(one.manifests.replace(/.$/, '0').replace(/^(.*)00$/, '$1a0')),
      isFailure('manifests-missing', true),
    );
    await assert.rejects(ask('latest'), isFailure('digest-malformed', true));
  });

  it('resolve a tag once, and say which image is missing', async () => {
    const world = await aWorld();
    const pushed = await world.push('one');
    const ask = (image: string) =>
      run(world.zones.dev, 'resolveImage', {
        service: 'iam',
        version: '1.0.0',
        environment: 'dev',
        image,
        manifests: pushed.manifests,
      });
    assert.deepEqual(await ask(`iam@${pushed.digest}`), {
      ok: true,
      image: { repository: 'iam', digest: pushed.digest },
    });
    const missing = await ask('iam:nowhere');
    assert.ok(!missing.ok && missing.refusal.code === 'image-not-found');
    const other = await ask(`another@${pushed.digest}`);
    assert.ok(!other.ok && other.refusal.code === 'reference-malformed');
  });

  it('report a service that is not well with the last answer, and ask again before that', async () => {
    const sick = { kind: 'answered', status: 500, body: 'no database' } as const;
    const world = await aWorld({ health: [sick] });
    const request = await letIn(
      world.zones.staging,
      requestFor(await planFor(world, await world.push('one'), '1.0.0')),
    );
    await run(world.zones.staging, 'importImage', request);
    await run(world.zones.staging, 'copySignatures', request);
    await run(world.zones.staging, 'applyManifests', request);
    const answer = await run(world.zones.staging, 'checkHealth', { ...request, to: 'new' });
    assert.ok(
      !answer.ok && answer.refusal.code === 'health-failed' && /500 no database/.test(answer.refusal.got ?? ''),
      JSON.stringify(answer),
    );
  });
});
