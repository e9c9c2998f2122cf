/** Guardians with everything that decides about them: the real workflows and the real activities, over registries and clusters in memory. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { until } from '../../../local/tools/until.ts';
import { connect, type GuardianView, type ReleaseClient } from '../../../src/client/index.ts';
import { guardianQuery, type GuardianStatus } from '../../../src/contract/guardian-workflow.ts';
import { guardianId } from '../../../src/contract/workflow-ids.ts';
import type { SluiceEvent } from '../../../src/domain/notification.ts';
import type { GuardianRule, OnDrift, Rulebook } from '../../../src/domain/rulebook.ts';
import type { Activities } from '../../../src/contract/activities.ts';
import { assertEvent } from '../../support/event-schema.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { aWorld, type MemoryWorld, PATH, type Pushed } from '../../support/memory-world.ts';
import { readAsOne } from '../../support/read-as-one.ts';
import { worldActivities } from '../../support/world-activities.ts';
import { swapped } from '../../support/drift.ts';

const HERE = 'staging';
const OURS = { service: 'iam', environment: HERE } as const;
const OTHER = `sha256:${'e'.repeat(64)}`;
const PATIENT = { timeoutMs: 60_000 };

describe('when a guardian looks after what runs', { timeout: 600_000 }, () => {
  let engine: Engine;
  let client: ReleaseClient;
  before(async () => {
    engine = await startEngine('real');
    client = await connect({ address: engine.env.address, namespace: 'default', user: 'grace' });
  });
  after(async () => {
    await client.close();
    await engine.stop();
  });

  interface Ground {
    readonly world: MemoryWorld;
    readonly told: readonly SluiceEvent[];
    readonly guardian: WorkflowHandle;
    release(version: string): Promise<Pushed>;
    status(): Promise<GuardianStatus>;
    untilFound(isThere: (status: GuardianStatus) => boolean): Promise<GuardianStatus>;
    /** It has looked `times` more. */
    looks(times: number): Promise<void>;
  }

  async function onGround(
    onDrift: OnDrift,
    work: (ground: Ground) => Promise<void>,
    change: (activities: Activities, world: MemoryWorld) => Activities = (same) => same,
  ): Promise<void> {
    const world = await aWorld({ rulebook: (rules) => guarded(rules, { everyMs: 150, onDrift }) });
    const told: SluiceEvent[] = [];
    let looked = 0;
    const real = worldActivities(world);
    const activities: Activities = {
      ...real,
      announce: async ({ event }) => {
        told.push(event);
        return { receivers: [] };
      },
      lookAfter: async (request) => {
        try {
          return await real.lookAfter(request);
        } finally {
          looked += 1;
        }
      },
    };
    const handle = engine.env.client.workflow.getHandle(guardianId(HERE, 'iam'));
    const status = () => handle.query(guardianQuery);
    const ground: Ground = {
      ...{ world, told, guardian: handle, status },
      async release(version) {
        const pushed = await world.push(version);
        const { digest, manifests } = pushed;
        await client.startRelease({ service: 'iam', version, image: `iam@${digest}`, manifests });
        assert.equal((await client.wait({ service: 'iam', version })).outcome.kind, 'released');
        return pushed;
      },
      untilFound: (isThere) =>
        until(
          async () => {
            const known = await status().catch(() => undefined);
            return known !== undefined && isThere(known) ? known : undefined;
          },
          { what: 'the guardian says so', ...PATIENT },
        ),
      async looks(times) {
        const before = looked;
        await until(async () => looked >= before + times || undefined, { what: 'it looks on', ...PATIENT });
      },
    };
    await engine.during(
      change(activities, world),
      async () => {
        try {
          await work(ground);
        } finally {
          const history = await handle.fetchHistory().catch(() => undefined);
          if (history !== undefined) assert.deepEqual(readAsOne(history), []);
          await handle.terminate('the test is over').catch(() => undefined);
          await client.liftHold(OURS).catch(() => undefined);
        }
      },
      PATH,
    );
  }

  const drifted = ({ findings }: GuardianStatus): boolean => findings.length > 0;
  const listed = (): Promise<GuardianView | undefined> => client.guardians(OURS).then(([one]) => one);
  const data = (told: readonly SluiceEvent[]) =>
    told.filter((one) => one.data.about === 'promotion').map((one) => one.data);

  it('begins when a promotion has ended well, and finds nothing where nothing has changed, without a word in its history', async () => {
    await onGround('alert', async ({ release, looks, told, guardian }) => {
      await release('1.0.0');
      await until(async () => (await listed())?.lookedAt, { what: 'it has looked', ...PATIENT });
      const before = (await guardian.fetchHistory()).events?.length;
      await looks(5);
      const view = await listed();
      assert.equal(view?.guarded?.version, '1.0.0');
      assert.deepEqual(view.findings, []);
      assert.equal(view.said, 'nothing has changed');
      assert.equal((await guardian.fetchHistory()).events?.length, before);
      assert.deepEqual(data(told), []);
    });
  });

  it('finds another digest than the promoted one, says so once, shows it everywhere, and tells when it is over', async () => {
    await onGround('alert', async ({ world, release, untilFound, looks, told }) => {
      const { digest } = await release('1.1.0');
      await swapped(world, digest, OTHER);
      const { findings } = await untilFound(drifted);
      assert.deepEqual(
        findings.map(({ about, what, code }) => [about, what, code]),
        [['running', 'deployment/iam', 'running-digest-mismatch']],
      );
      await until(async () => data(told).length > 0 || undefined, { what: 'it is told', ...PATIENT });
      await looks(4);
      assert.deepEqual(
        data(told).map(({ event, version, environment }) => [event, version, environment]),
        [['drifted', '1.1.0', HERE]],
      );
      told.forEach(assertEvent);
      const place = await until(async () => (await client.board(OURS)).find(({ drift }) => drift !== undefined), {
        what: 'the board has it',
        ...PATIENT,
      });
      assert.equal(place.drift?.findings[0]?.about, 'running');
      const { drifted: there } = await client.environment(HERE);
      assert.equal(there?.[0]?.service, 'iam');
      await swapped(world, OTHER, digest);
      await untilFound((status) => !drifted(status));
      await until(async () => data(told).length > 1 || undefined, { what: 'its end is told', ...PATIENT });
      assert.deepEqual(
        data(told).map(({ event }) => event),
        ['drifted', 'settled'],
      );
    });
  });
});

function guarded(rulebook: Rulebook, rule: GuardianRule): Rulebook {
  return { ...rulebook, guardians: { [HERE]: rule } };
}
