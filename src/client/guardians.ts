/**
 * What the guardians have found, and when they looked last: as the server's own store and its descriptions say, so that none of them has to
 * be asked, and no worker be there. Looking at once is asked of one of them.
 */
import { WithStartWorkflowOperation } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import pLimit from 'p-limit';
import {
  type CheckAnswer,
  checkUpdate,
  DRIFTED,
  GUARDIAN,
  type GuardianInput,
  type GuardianMemo,
  type GuardianPlace,
  guardianStart,
  type GuardianState,
  type LookAgain,
} from '../contract/guardian-workflow.ts';
import { isGuarded } from '../contract/signal-shapes.ts';
import { ENVIRONMENT, OUTCOME, SERVICE } from '../contract/search-attributes.ts';
import { ENGINE_QUEUE } from '../contract/task-queues.ts';
import { guardianId } from '../contract/workflow-ids.ts';
import { isFinding } from '../domain/finding.ts';
import type { BoardPlace } from './board.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { type RawExecution, readExecutions } from './list.ts';
import { asking } from './temporal-errors.ts';

export interface GuardianRequest {
  /** All unless given. */
  readonly service?: string;
  readonly environment?: string;
  /** Only those that have found something. */
  readonly drifted?: boolean;
}

/** Of a guardian as a list has it: the first findings, shortened. */
export interface GuardianView extends GuardianPlace, Omit<GuardianState, 'format'> {
  /** What the last look left, where it found nothing new; undefined: it is looking, or none has been. */
  readonly said?: string;
  /** ISO 8601. */
  readonly nextLookAt?: string;
}

/** One for each service and environment: so many are no installation of ours. */
const MOST = 10_000;
const PAGE = 1_000;
const DESCRIBED_AT_ONCE = 20;

/** As the store of lists knows them, a moment behind: when they looked last is not said. */
export async function guardiansIn(engine: Engine, request: GuardianRequest = {}): Promise<readonly GuardianView[]> {
  const query = queryOf(request);
  const found: RawExecution[] = [];
  let token: Uint8Array | undefined;
  do {
    const page = await readExecutions(engine, query, PAGE, token);
    found.push(...page.executions);
    token = page.token;
  } while (token !== undefined && found.length < MOST);
  return found
    .flatMap(viewOf)
    .toSorted((a, b) => a.environment.localeCompare(b.environment) || a.service.localeCompare(b.service));
}

/** With when each looked last and when it looks next, which only its description says: one call each. */
export async function readGuardians(engine: Engine, request: GuardianRequest = {}): Promise<readonly GuardianView[]> {
  const limit = pLimit(DESCRIBED_AT_ONCE);
  const views = await guardiansIn(engine, request);
  return Promise.all(views.map((view) => limit(() => withLook(engine, view))));
}

/** Has it look now; one is started where there is none. Throws `worker-missing`, `command-not-possible`, `temporal-unreachable`. */
export async function checkNow(engine: Engine, place: GuardianPlace, by = engine.user): Promise<CheckAnswer> {
  assertPlace(place);
  const { environment, service } = place;
  const workflowId = guardianId(environment, service);
  const startWorkflowOperation = new WithStartWorkflowOperation<(input: GuardianInput) => Promise<void>>(GUARDIAN, {
    ...guardianStart({ environment, service }),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  const attempted = { what: `check ${workflowId}`, workflowId, queue: ENGINE_QUEUE, patienceMs: LOOKS_FOR_MS };
  return asking(engine, attempted, () =>
    engine.temporal.workflow.executeUpdateWithStart(checkUpdate, { args: [{ by }], startWorkflowOperation }),
  );
}

/** A look takes seconds where registry and cluster are slow; the guardian itself waits half a minute for it. */
const LOOKS_FOR_MS = 40_000;

/** The board with what is not as it was left. What runs where the board remembers no promotion has a place all the same. Pure. */
export function withDrifts(board: readonly BoardPlace[], drifted: readonly GuardianView[]): readonly BoardPlace[] {
  if (drifted.length === 0) return board;
  const isAt = (place: GuardianPlace) => (one: GuardianPlace) =>
    one.service === place.service && one.environment === place.environment;
  const more = drifted.filter((one) => !board.some(isAt(one)));
  const unknown = more.map(({ service, environment }): BoardPlace => ({ service, environment, entering: [] }));
  return [...board, ...unknown].map((place) => {
    const drift = drifted.find(isAt(place));
    return drift === undefined ? place : { ...place, drift };
  });
}

/** Every value that gets into the query has been checked against a grammar without quotes. */
function queryOf({ service, environment, drifted }: GuardianRequest): string {
  if (service !== undefined) assertKey({ service, version: 'any' });
  if (environment !== undefined) assertEnvironment(environment);
  return [
    `WorkflowType = '${GUARDIAN}'`,
    `ExecutionStatus = 'Running'`,
    ...(service === undefined ? [] : [`${SERVICE.name} = '${service}'`]),
    ...(environment === undefined ? [] : [`${ENVIRONMENT.name} = '${environment}'`]),
    ...(drifted === true ? [`${OUTCOME.name} = '${DRIFTED}'`] : []),
  ].join(' AND ');
}

function assertPlace({ service, environment }: GuardianPlace): void {
  assertKey({ service, version: 'any' });
  assertEnvironment(environment);
}

const MEMO: keyof GuardianMemo = 'guardian';

/** Whoever may write to the namespace may write any memo: one that is none of ours is left out. */
function viewOf({ execution, memo }: RawExecution): readonly GuardianView[] {
  const [kind, environment, service] = (execution?.workflowId ?? '').split('/');
  const state = decoded<GuardianState>(memo?.fields?.[MEMO]);
  if (kind !== GUARDIAN || environment === undefined || service === undefined) return [];
  const { guarded, reaction, lookedAt } = state ?? {};
  const findings = Array.isArray(state?.findings) ? state.findings.filter(isFinding) : [];
  return [
    {
      ...{ environment, service, findings },
      ...(isGuarded(guarded) ? { guarded } : {}),
      ...(typeof reaction?.kind === 'string' && typeof reaction.at === 'string' ? { reaction } : {}),
      ...(typeof lookedAt === 'string' ? { lookedAt } : {}),
    },
  ];
}

async function withLook(engine: Engine, view: GuardianView): Promise<GuardianView> {
  const { namespace, connection } = engine;
  const workflowId = guardianId(view.environment, view.service);
  const { pendingActivities } = await asking(engine, { what: `looking at ${workflowId}`, workflowId }, () =>
    connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
  );
  const pending = pendingActivities?.[0];
  const failure = pending?.lastFailure?.applicationFailureInfo;
  const left = decoded<LookAgain>(failure?.details?.payloads?.[0]);
  const nextLookAt = isoOf(pending?.nextAttemptScheduleTime ?? pending?.scheduledTime);
  return {
    ...view,
    ...(left?.lookedAt === undefined ? {} : { lookedAt: left.lookedAt }),
    ...(left?.said === undefined ? {} : { said: left.said }),
    ...(nextLookAt === undefined ? {} : { nextLookAt }),
  };
}

function decoded<Value>(payload: Payload | null | undefined): Value | undefined {
  return payload == null ? undefined : defaultPayloadConverter.fromPayload<Value>(payload);
}

type Time = RawExecution['startTime'];

function isoOf(time: Time): string | undefined {
  if (time == null) return undefined;
  return new Date(Number(time.seconds ?? 0) * 1_000).toISOString();
}
