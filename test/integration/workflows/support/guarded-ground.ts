/** A service that is guarded, over registries and clusters in memory: the real workflows and the real activities, whose looks are counted. */
import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { until } from '../../../../local/tools/until.ts';
import type { ReleaseClient } from '../../../../src/client/index.ts';
import type { Activities } from '../../../../src/contract/activities.ts';
import { guardianQuery, type GuardianStatus } from '../../../../src/contract/guardian-workflow.ts';
import { guardianId } from '../../../../src/contract/workflow-ids.ts';
import type { SluiceEvent } from '../../../../src/domain/notification.ts';
import type { GuardianRule, OnDrift, Rulebook } from '../../../../src/domain/rulebook.ts';
import type { Engine } from '../../../support/engine.ts';
import { aWorld, type MemoryWorld, PATH, type Pushed } from '../../../support/memory-world.ts';
import { readAsOne } from '../../../support/read-as-one.ts';
import { worldActivities } from '../../../support/world-activities.ts';

export const HERE = 'staging';
export const OURS = { service: 'iam', environment: HERE } as const;
export const PATIENT = { timeoutMs: 60_000 };

export interface Ground {
  readonly world: MemoryWorld;
  readonly told: readonly SluiceEvent[];
  readonly guardian: WorkflowHandle;
  release(version: string): Promise<Pushed>;
  status(): Promise<GuardianStatus>;
  untilFound(isThere: (status: GuardianStatus) => boolean): Promise<GuardianStatus>;
  /** It has looked `times` more. */
  looks(times: number): Promise<void>;
}

export type OnGround = (
  onDrift: OnDrift,
  work: (ground: Ground) => Promise<void>,
  change?: (activities: Activities) => Activities,
  everyMs?: number,
) => Promise<void>;

/** Both are asked for at each test: a suite has them while its tests run. */
export function groundOf(running: () => { readonly engine: Engine; readonly client: ReleaseClient }): OnGround {
  return async function onGround(
    onDrift: OnDrift,
    work: (ground: Ground) => Promise<void>,
    change: (activities: Activities) => Activities = (same) => same,
    everyMs = 150,
  ): Promise<void> {
    const { engine, client } = running();
    const world = await aWorld({ rulebook: (rules) => guarded(rules, { everyMs, onDrift }) });
    const told: SluiceEvent[] = [];
    let looked = 0;
    const real = change(worldActivities(world));
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
      activities,
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
  };
}

function guarded(rulebook: Rulebook, rule: GuardianRule): Rulebook {
  return { ...rulebook, guardians: { [HERE]: rule } };
}
