import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ensureCopies, type Imports } from '../../../activities/copies.ts';
import type { Attempt } from '../../../activities/beating.ts';
import type { Zone } from '../../../activities/index.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import type { RegistryReader } from '../../../src/ports/registry-reader.ts';
import type { ImportRequest, RegistryImporter } from '../../../src/ports/registry-importer.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { aWorld, type MemoryWorld } from '../../support/memory-world.ts';

describe('copies of what goes with an image', () => {
  it('are asked for together: none waits until another has ended', async () => {
    const { world, wanted } = await threeWanted();
    const allAsked = Promise.withResolvers<void>();
    let asked = 0;
    const zone = withImporter(world, (importer) => ({
      ...importer,
      begin: async (request, signal) => {
        asked += 1;
        if (asked === wanted.length) allAsked.resolve();
        return importer.begin(request, signal);
      },
      finish: async (ticket, signal) => {
        await allAsked.promise;
        return importer.finish(ticket, signal);
      },
    }));
    await ensureCopies(zone, wanted, anAttempt());
    for (const { digest } of wanted) assert.ok(await zone.ports.registry.manifest('iam', digest));
  });

  it('of one digest are asked for once, and keep their tag', async () => {
    const { world, wanted } = await threeWanted();
    const [first] = wanted as [ImportRequest];
    const zone = world.zones.staging;
    await ensureCopies(zone, [{ ...first, tag: 'also' }, first, first], anAttempt());
    assert.deepEqual(accepted(world), [first.digest]);
    assert.equal((await zone.ports.registry.manifest('iam', { tag: 'also' }))?.digest, first.digest);
  });

  it('that have ended well are not asked for again when another one failed', async () => {
    const { world, wanted } = await threeWanted();
    world.registries.faults.set({ fault: 'import-fails', times: 1 });
    const attempt = anAttempt();
    await assert.rejects(ensureCopies(world.zones.staging, wanted, attempt), hasCode('import-failed'));
    for (const digest of wanted.slice(1).map((one) => one.digest))
      assert.ok(await world.zones.staging.ports.registry.manifest('iam', digest), 'the others have ended by then');
    await ensureCopies(world.zones.staging, wanted, anAttempt(attempt.saved()));
    const [failed, ...others] = wanted.map((one) => one.digest);
    assert.deepEqual(accepted(world).toSorted(), [failed, failed, ...others].toSorted());
  });

  it('are named by the operation that brought them, also by the attempt after the one that asked', async () => {
    const { world, wanted } = await threeWanted();
    const attempt = anAttempt();
    const first = await ensureCopies(world.zones.staging, wanted, attempt);
    assert.equal(new Set(first.flatMap((one) => one.operation ?? [])).size, 3);
    assert.deepEqual(await ensureCopies(world.zones.staging, wanted, anAttempt(attempt.saved())), first);
    const others = await ensureCopies(world.zones.staging, wanted, anAttempt());
    assert.deepEqual(
      others.map(({ effect, operation }) => [effect, operation]),
      wanted.map(() => ['there', undefined]),
    );
  });

  it('are named by their operation where the worker has died while it waited', async () => {
    const { world, wanted } = await threeWanted();
    const [one] = wanted as [ImportRequest];
    const dying = withImporter(world, (importer) => ({
      ...importer,
      finish: async () => Promise.reject(new Error('the worker died')),
    }));
    const attempt = anAttempt();
    await assert.rejects(ensureCopies(dying, [one], attempt), /died/);
    const [copied] = await ensureCopies(world.zones.staging, [one], anAttempt(attempt.saved()));
    assert.equal(copied?.effect, 'imported');
    assert.match(copied?.operation ?? '', /operations\/0$/);
  });

  it('are waited for one by one only until the first has ended: those that were asked for together end together', async () => {
    const { world, wanted } = await threeWanted();
    const events: string[] = [];
    const zone = withImporter(world, (importer) => ({
      ...importer,
      begin: async (request, signal) => {
        events.push('asked for');
        return importer.begin(request, signal);
      },
      finish: async (ticket, signal) => {
        events.push('waited for');
        await importer.finish(ticket, signal);
        await new Promise((resolve) => setImmediate(resolve));
        events.push('ended');
      },
    }));
    await ensureCopies(zone, wanted, anAttempt());
    const together = ['asked for', 'asked for', 'asked for', 'waited for', 'ended'];
    assert.deepEqual(events, [...together, 'waited for', 'waited for', 'ended', 'ended']);
  });

  it('are asked for without a look where the target was seen not to have them, and are found there afterwards', async () => {
    const { world, wanted } = await threeWanted();
    const [first] = wanted as [ImportRequest];
    const looks: unknown[] = [];
    const { staging } = world.zones;
    const manifest: RegistryReader['manifest'] = (repository, reference) => {
      looks.push(reference);
      return staging.ports.registry.manifest(repository, reference);
    };
    const zone = { ...staging, ports: { ...staging.ports, registry: { ...staging.ports.registry, manifest } } };
    await ensureCopies(zone, wanted, anAttempt(), new Set());
    assert.deepEqual(looks.toSorted(), wanted.map(({ digest }) => digest).toSorted());
    looks.length = 0;
    await ensureCopies(zone, wanted, anAttempt(), new Set(wanted.map(({ digest }) => digest)));
    assert.deepEqual(accepted(world).length, 3, 'what it was seen to have is looked at, and not asked for');
    looks.length = 0;
    await ensureCopies(zone, [first], anAttempt({ [first.digest]: { asked: true } }), new Set());
    assert.equal(accepted(world).length, 3, 'what an attempt before has asked for is looked for, whatever a list says');
  });

  it('say first what no attempt can mend', async () => {
    const { world, wanted } = await threeWanted();
    const [first, second, third] = wanted as [ImportRequest, ImportRequest, ImportRequest];
    const zone = world.zones.staging;
    await ensureCopies(zone, [{ ...first, tag: 'taken' }], anAttempt());
    world.registries.faults.set({ fault: 'import-fails', times: 1 });
    const both = ensureCopies(zone, [second, { ...third, tag: 'taken' }], anAttempt());
    await assert.rejects(both, hasCode('tag-conflict'));
  });
});

async function threeWanted(): Promise<{ readonly world: MemoryWorld; readonly wanted: readonly ImportRequest[] }> {
  const world = await aWorld();
  const { digest, signature, manifests } = await world.push('one');
  const wanted = [digest, signature, manifests].map((one) => ({ source: 'dev', repository: 'iam', digest: one }));
  return { world, wanted };
}

function withImporter(world: MemoryWorld, wrap: (importer: RegistryImporter) => RegistryImporter): Zone {
  const { staging } = world.zones;
  return { ...staging, ports: { ...staging.ports, importer: wrap(staging.ports.importer) } };
}

function anAttempt(saved?: Imports): Attempt<Imports> {
  let state = saved;
  return { saved: () => state, save: (next) => void (state = next), signal: new AbortController().signal };
}

function accepted({ registries }: MemoryWorld): readonly (Digest | undefined)[] {
  return registries.effects.filter(({ effect }) => effect === 'import-accepted').map((one) => one.digest);
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof PortError && error.code === code;
}
