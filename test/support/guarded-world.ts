/** A world whose staging asks people with keys of their own, seen by somebody who can put any request on its task queue. */
import assert from 'node:assert/strict';
import { DefaultLogger, type Logger } from '@temporalio/worker';
import type { StepRequest } from '../../src/contract/activities.ts';
import { createKeyApprovals } from '../../src/adapters/approvals/keys.ts';
import type { ApprovalStatement, GivenApproval } from '../../src/domain/approval.ts';
import type { EnvironmentRules, Rulebook } from '../../src/domain/rulebook.ts';
import type { StatementFacts } from '../../src/domain/statement.ts';
import type { EnvironmentActivities } from '../../src/contract/activities.ts';
import { planFor, runFrom } from './activity-runs.ts';
import { aWorld, type MemoryWorld, type Pushed, requestFor, type WorldOptions } from './memory-world.ts';
import { answerOf, aPerson, NOW, type Person } from './people.ts';

/** Activities that change something, there or back: all of them ask first whether they were let in. */
export const ACTING = [
  'importImage',
  'copySignatures',
  'lockImage',
  'applyManifests',
  'recordPromotion',
  'unlockImage',
  'removeImage',
  'restoreManifests',
] as const;

type Name = keyof EnvironmentActivities;
type Caller = { readonly workflowId: string; readonly runId: string };

export interface AuditLine {
  readonly message: string;
  readonly [attribute: string]: unknown;
}

export interface GuardedWorld extends MemoryWorld {
  /** Release managers; mallory has a key that nobody knows, grace may pass stops. */
  readonly people: Readonly<Record<'ada' | 'bob' | 'rita' | 'grace' | 'mallory', Person>>;
  /** What staging's worker has logged as refused. */
  readonly audit: readonly AuditLine[];
  /** Of a worker: it fills {@link audit}. */
  readonly logger: Logger;
  /** Time of the zones, which tests move. */
  clock: Date;
  /** A request with ada's signed yes. */
  approved(pushed: Pushed, version?: string): Promise<StepRequest>;
  /** Asks staging's worker from a workflow of that name. */
  ask<One extends Name>(
    name: One,
    request: Parameters<EnvironmentActivities[One]>[0],
    from?: string | Caller,
  ): Promise<Awaited<ReturnType<EnvironmentActivities[One]>>>;
  /** Nothing of staging has changed. */
  untouched(): void;
}

/** `now`: where the zones' clock stands at first, or how it goes. */
export async function aGuardedWorld(
  now: () => Date = () => NOW,
  options: Pick<WorldOptions, 'signsRecords'> = {},
): Promise<GuardedWorld> {
  const names = ['ada', 'bob', 'rita', 'grace', 'mallory'] as const;
  const people = Object.fromEntries(names.map((name) => [name, aPerson(name)])) as GuardedWorld['people'];
  const holder = (name: (typeof names)[number], group: string, aliases: readonly string[] = []) => ({
    ...{ name, aliases, groups: [group], keys: [people[name].pem] },
  });
  const holders = [
    holder('ada', 'release-managers'),
    holder('bob', 'release-managers'),
    // she starts releases through a pipeline
    holder('rita', 'release-managers', ['pipeline']),
    holder('grace', 'incident-managers', ['Grace@example.test']),
  ];
  const audit: AuditLine[] = [];
  const logger = new DefaultLogger('INFO', ({ message, meta }) => {
    if (meta?.['audit'] !== undefined) audit.push({ ...meta, message });
  });
  let clock = now;
  const world = await aWorld({
    rulebook: guarded,
    approvals: createKeyApprovals(holders),
    now: () => clock(),
    ...options,
  });
  const changed = (): unknown[] => [
    ...world.clusters.staging.effects.filter((effect) => effect.kind !== 'restrained'),
    ...world.registries.effects.filter((effect) => JSON.stringify(effect).includes('"staging"')),
  ];
  return {
    ...world,
    people,
    audit,
    logger,
    get clock() {
      return clock();
    },
    set clock(moment) {
      clock = () => moment;
    },
    async approved(pushed, version = '1.0.0') {
      const request = requestFor(await planFor(world, pushed, version));
      return { ...request, approvals: [await signed(people.ada, request, {}, clock())] };
    },
    ask(name, request, from = 'promotion/iam') {
      const caller = typeof from === 'string' ? { workflowId: from, runId: `run of ${from}` } : from;
      return runFrom({ from: caller, logger }, world.zones.staging, name, request);
    },
    untouched: () => assert.deepEqual(changed(), []),
  };
}

/** Staging asks one of its release managers, and lets incident managers pass a stop. */
export function guarded(rulebook: Rulebook): Rulebook {
  const staging = rulebook.environments['staging'] as EnvironmentRules;
  const approval = { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 86_400_000 };
  const overrides = { stop: { from: ['incident-managers'] } };
  return { ...rulebook, environments: { ...rulebook.environments, staging: { ...staging, approval, overrides } } };
}

/** A person's signed answer to the plan of a request, as a workflow passes it on. */
export async function signed(
  person: Person,
  request: Pick<StepRequest, 'plan' | 'planDigest'>,
  facts: Partial<StatementFacts> = {},
  now: Date = NOW,
): Promise<GivenApproval> {
  return { ...(await saidBy(person, request, facts, now)), at: now.toISOString() };
}

export function saidBy(
  person: Person,
  { plan, planDigest }: Pick<StepRequest, 'plan' | 'planDigest'>,
  facts: Partial<StatementFacts> = {},
  now: Date = NOW,
): Promise<ApprovalStatement> {
  const { service, version, environment } = plan;
  const release = `release/${service}/${version}`;
  return answerOf(person, { now, facts: { release, service, version, environment, planDigest, ...facts } });
}
