/** A guardian's looks at a world in memory, one attempt after the other, without a server. */
import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Suspicion } from '../../activities/guard.ts';
import { createEnvironmentActivities } from '../../activities/index.ts';
import type { LookAnswer, LookRequest } from '../../src/contract/guardian-workflow.ts';
import type { MemoryWorld } from './memory-world.ts';

/** There was nothing new to say. */
export interface Again {
  readonly again: number;
  readonly said: string;
  readonly lookedAt: string | undefined;
}

export type Seen = LookAnswer & { readonly kind: 'seen' };

export const BY_NOW: LookRequest = { service: 'iam', environment: 'staging', known: [], first: 'now' };

export interface Looks {
  /** Workflows that the server says have ended. */
  ended: readonly string[];
  /** One attempt, as the server would begin it: what the one before it has saved comes along. */
  readonly look: (fields?: Partial<LookRequest>, attempt?: number) => Promise<LookAnswer | Again>;
  /** Attempts until there is an answer. */
  readonly lookOn: (fields?: Partial<LookRequest>) => Promise<Seen>;
}

/** In staging, at the service `iam`; the world is asked for at each look. */
export function looksIn(world: () => MemoryWorld): Looks {
  let saved: Suspicion | undefined;
  const handle = (workflowId: string) => ({
    describe: async () => ({ status: { name: looks.ended.includes(workflowId) ? 'COMPLETED' : 'RUNNING' } }),
  });
  const client = {
    workflow: { getHandle: handle },
    withAbortSignal: (_: AbortSignal, work: () => unknown) => work(),
  };
  const looks: Looks = {
    ended: [],
    async look(fields = {}, attempt = 1) {
      const env = new MockActivityEnvironment(
        { attempt, heartbeatDetails: saved, heartbeatTimeoutMs: 10_000 },
        { logger: new DefaultLogger('ERROR'), client: client as never },
      );
      env.on('heartbeat', (details: Suspicion | undefined) => (saved = details));
      const { lookAfter } = createEnvironmentActivities(world().zones.staging);
      try {
        return await env.run(lookAfter as never, { ...BY_NOW, ...fields });
      } catch (error) {
        if (!(error instanceof ApplicationFailure) || error.type !== 'look-again') throw error;
        const [{ said, lookedAt }] = error.details as [{ said: string; lookedAt?: string }];
        return { again: error.nextRetryDelay as number, said, lookedAt };
      }
    },
    async lookOn(fields = {}) {
      for (let attempt = 1; attempt < 10; attempt += 1) {
        const looked = await looks.look(fields, attempt);
        if ('again' in looked) continue;
        assert.equal(looked.kind, 'seen', JSON.stringify(looked));
        return looked as Seen;
      }
      return assert.fail('no answer');
    },
  };
  return looks;
}
