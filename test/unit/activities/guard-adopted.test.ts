/** What a guardian expects of a service that was adopted: what was found then, until a release has been there. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { PromotionRecord } from '../../../src/contract/plan.ts';
import { planFor, promote } from '../../support/activity-runs.ts';
import { swapped } from '../../support/drift.ts';
import { type Looks, looksIn } from '../../support/looks.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor } from '../../support/memory-world.ts';

const NAMESPACE = 'iam-staging';
const BY_TAG = 'legacy.example.test/iam:1.0.0';
const OTHER = 'legacy.example.test/iam:latest';

describe('a guardian of a service that was adopted', () => {
  let world: MemoryWorld;
  let pushed: Pushed;
  let looks: Looks;
  /** What nodes say that an image is. */
  let runs: Readonly<Record<string, string>>;
  beforeEach(async () => {
    runs = {};
    world = await aWorld({
      cluster: { report: (image) => runs[image] ?? image.slice(image.lastIndexOf('@') + 1) },
      rulebook: (rules) => ({ ...rules, guardians: { staging: { everyMs: 600_000, onDrift: 'rollback' } } }),
    });
    pushed = await world.push('one');
    await promote(world, requestFor(await planFor(world, pushed, '1.0.0')));
    looks = looksIn(() => world);
    runs = { [BY_TAG]: pushed.digest, [OTHER]: `sha256:${'e'.repeat(64)}` };
    await namedByTag();
    await adopted({ images: { 'deployment/iam': BY_TAG } });
  });

  async function namedByTag(): Promise<void> {
    const { image } = await promoted();
    await swapped(world, `${world.zones.staging.ports.registry.host}/${image.repository}@${image.digest}`, BY_TAG);
  }

  async function promoted(): Promise<PromotionRecord> {
    const text = await world.zones.staging.ports.records.read('record', NAMESPACE, 'iam');
    return JSON.parse(text ?? '') as PromotionRecord;
  }

  /** As if nobody had ever promoted it: the same is remembered, by somebody's word. */
  async function adopted(fields: Partial<NonNullable<PromotionRecord['adopted']>>): Promise<void> {
    const record = await promoted();
    const word = { by: 'ada', at: record.since, reason: 'moves over', found: record.manifests, images: {}, ...fields };
    const { records } = world.zones.staging.ports;
    await records.change('record', NAMESPACE, 'iam', () => JSON.stringify({ ...record, adopted: word }));
  }

  const found = async (): Promise<readonly string[]> =>
    (await looks.lookOn({ answer: true })).findings.map(({ about, what }) => `${about} ${what}`);

  test('finds nothing where its image is named by a tag of another registry, as it was then', async () => {
    assert.deepEqual(await found(), []);
  });

  test('finds it when the tag has come to mean something else', async () => {
    runs = { ...runs, [BY_TAG]: `sha256:${'d'.repeat(64)}` };
    assert.deepEqual(await found(), ['running deployment/iam']);
  });

  test('finds it when another image is asked for', async () => {
    await swapped(world, BY_TAG, OTHER);
    assert.deepEqual(await found(), ['running deployment/iam']);
  });

  test('expects of a service that was not adopted that it is named by digest', async () => {
    const record = await promoted();
    const { adopted: _, ...own } = record;
    const { records } = world.zones.staging.ports;
    await records.change('record', NAMESPACE, 'iam', () => JSON.stringify(own));
    assert.deepEqual(await found(), ['running deployment/iam']);
  });
});
