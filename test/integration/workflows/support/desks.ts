/** An environment of its own for each test of a suite: a desk remembers what the test before it did. */
import type { WorkflowHandle, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import {
  ENVIRONMENT_WORKFLOW,
  type EnvironmentInput,
  environmentQuery,
  type EnvironmentStatus,
} from '../../../../src/contract/environment-workflow.ts';
import type { ReleaseInput } from '../../../../src/contract/release-workflow.ts';
import type { PromotionStatus } from '../../../../src/contract/status.ts';
import { ENGINE_QUEUE } from '../../../../src/contract/task-queues.ts';
import { environmentId } from '../../../../src/contract/workflow-ids.ts';
import { YES } from '../../../support/answers.ts';
import type { Engine } from '../../../support/engine.ts';
import { promotionOf, type Release, startRelease, until } from '../../../support/releases.ts';
import {
  type Script,
  type Scripted,
  type ScriptOptions,
  scriptedActivities,
} from '../../../support/scripted-activities.ts';

export interface Given extends Omit<ScriptOptions, 'gates' | 'path'> {
  readonly script?: Script;
  /** The environment has a gate. */
  readonly isGated?: boolean;
}

export const STOP = { kind: 'stop', by: 'grace', reason: 'errors', forMs: 3_600_000 } as const;
export const HOLD = { kind: 'hold', by: 'grace', reason: 'rolled back', service: 'iam' } as const;

/** Speaks of the releases of the test that runs by their number. */
export interface Desks {
  readonly version: (number: number) => string;
  readonly release: (number: number, fields?: Partial<ReleaseInput>) => Promise<Release>;
  /** Its promotion has the lease. */
  readonly enters: (number: number, environment: string) => Promise<Release>;
  readonly promotion: (number: number, environment: string) => WorkflowHandle;
  /** Until its promotion exists and `is` holds. */
  readonly seen: (
    number: number,
    environment: string,
    is: (status: PromotionStatus) => boolean,
  ) => Promise<PromotionStatus>;
  readonly waits: (number: number, environment: string) => Promise<PromotionStatus>;
  readonly deskOf: (environment: string) => WorkflowHandle;
  readonly open: (
    environment: string,
    fields?: Omit<EnvironmentInput, 'environment'>,
  ) => Promise<WorkflowHandleWithFirstExecutionRunId>;
  /** Until it is open and `is` holds. */
  readonly deskUntil: (environment: string, is: (status: EnvironmentStatus) => boolean) => Promise<EnvironmentStatus>;
  readonly inOwnEnvironment: (
    given: Given,
    work: (environment: string, calls: readonly string[]) => Promise<void>,
  ) => Promise<void>;
  /** As `inOwnEnvironment`, for whoever runs the workers itself. */
  readonly own: (given: Given) => { readonly environment: string } & Scripted;
  /** What the environment of the next one will be called. */
  readonly next: () => string;
}

/** Holds every promotion back inside, until it is opened. */
export function door(): { readonly script: Script; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { script: { checkPullable: () => promise.then(() => YES) }, open: resolve };
}

/** The test's own timeout ends a wait that never comes true. */
export async function once(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 20));
}

export async function historyUntil(handle: WorkflowHandle, event: string): Promise<void> {
  await once(async () => {
    // decoded messages have every field on their prototype: what is not there is null
    const { events } = await handle.fetchHistory();
    return (events ?? []).some((one) => Object.hasOwn(one, `${event}EventAttributes`));
  });
}

/** `name` begins the names of the environments. */
export function desksOf(engine: Engine, name: string): Desks {
  let serial = 0;
  const version = (number: number): string => `${serial}.${number}.0`;
  const deskOf = (environment: string) => engine.env.client.workflow.getHandle(environmentId(environment));
  const seen: Desks['seen'] = (number, environment, is) => until(engine.env.client, version(number), environment, is);
  function own({ script = {}, isGated = false, ...options }: Given) {
    serial += 1;
    const environment = `${name}-${serial}`;
    const gates = isGated ? [environment] : [];
    return { environment, ...scriptedActivities(script, { turns: 'queue', ...options, gates, path: [environment] }) };
  }
  const release: Desks['release'] = (number, fields) => startRelease(engine.env.client, version(number), fields);
  async function deskUntil(environment: string, is: (status: EnvironmentStatus) => boolean) {
    for (;;) {
      const status = await deskOf(environment)
        .query(environmentQuery)
        .catch(() => undefined);
      if (status !== undefined && is(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return {
    ...{ version, deskOf, seen, own, release, deskUntil },
    async enters(number, environment) {
      const started = await release(number);
      await deskUntil(environment, ({ turns }) => turns.held.some((one) => one.version === version(number)));
      return started;
    },
    promotion: (number, environment) => promotionOf(engine.env.client, version(number), environment),
    waits: (number, environment) => seen(number, environment, (one) => one.phase === 'waiting-for-turn'),
    open: (environment, fields = {}) =>
      engine.env.client.workflow.start(ENVIRONMENT_WORKFLOW, {
        workflowId: environmentId(environment),
        taskQueue: ENGINE_QUEUE,
        args: [{ environment, ...fields }],
      }),
    async inOwnEnvironment(given, work) {
      const { environment, activities, calls } = own(given);
      await engine.during(activities, () => work(environment, calls), [environment]);
    },
    next: () => `${name}-${serial + 1}`,
  };
}
