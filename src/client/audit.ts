/** The trail of what people and the engine did, from the histories that the server still has, and where it breaks off. */
import pLimit from 'p-limit';
import { ADOPTION } from '../contract/adoption-workflow.ts';
import { ENVIRONMENT_WORKFLOW } from '../contract/environment-workflow.ts';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { REHEARSAL } from '../contract/rehearsal-workflow.ts';
import { RELEASE } from '../contract/release-workflow.ts';
import { ROLLBACK } from '../contract/rollback-workflow.ts';
import { ENVIRONMENT, SERVICE } from '../contract/search-attributes.ts';
import { environmentId, evidenceId } from '../contract/workflow-ids.ts';
import { samePerson } from '../domain/approval.ts';
import { type Gap, gapsOf, promotionsOf, withoutEvidence, withoutHistory } from '../evidence/gaps.ts';
import { readHistory, type Started } from '../evidence/history.ts';
import { historiesOf } from '../evidence/histories.ts';
import { type Deed, type TrailEntry, trailOf } from '../evidence/trail.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { asking } from './temporal-errors.ts';

export interface AuditRequest {
  readonly service?: string;
  readonly environment?: string;
  /** A person, under any spelling of their name. */
  readonly who?: string;
  readonly what?: Deed;
  /** ISO 8601, both. */
  readonly since?: string;
  readonly until?: string;
}

export interface Audit {
  /** In the order in which it happened. */
  readonly entries: readonly TrailEntry[];
  readonly gaps: readonly Gap[];
  /** Histories that were read. */
  readonly histories: number;
}

const AT_ONCE = 8;

/** What one history says. */
interface Read extends Pick<Audit, 'entries' | 'gaps'> {
  /** Undefined: the server has no such history (any more). */
  readonly runId?: string;
  readonly promotions: readonly Started[];
}

/** Needs no worker. What the server has forgotten is not in it: evidence of it is kept beside the images. */
export async function readAudit(engine: Engine, request: AuditRequest = {}): Promise<Audit> {
  const { service, environment } = request;
  if (service !== undefined) assertKey({ service, version: 'any' });
  if (environment !== undefined) assertEnvironment(environment);
  const listed = [
    ...(await listRuns(engine, releasesQuery(request))),
    ...(await listRuns(engine, desksQuery(request))),
  ];
  const line = pLimit(AT_ONCE);
  const read = await Promise.all(listed.map((run) => line(() => readOne(engine, run))));
  const entries = read.flatMap((one) => one.entries).filter((one) => isWanted(one, request));
  const gaps = [...read.flatMap((one) => one.gaps), ...(await lost(engine, read))];
  return {
    entries: entries.toSorted((a, b) => a.at.localeCompare(b.at)),
    gaps: gaps.filter((one) => environment === undefined || one.environment === environment),
    histories: read.filter(({ runId }) => runId !== undefined).length,
  };
}

/** Promotions that were begun and are not there. Some are there and were not listed: the list is late, and wants what ended since a time. */
async function lost(engine: Engine, read: readonly Read[]): Promise<readonly Gap[]> {
  const known = new Set(read.map(({ runId }) => runId));
  const others = read.flatMap(({ promotions }) => promotions).filter(({ runId }) => !known.has(runId));
  const line = pLimit(AT_ONCE);
  const found = await Promise.all(
    others.map((one) => line(async () => (await readJson(engine, one.workflowId, one.runId)) !== undefined)),
  );
  return others.filter((_, index) => !found[index]).map(withoutHistory);
}

async function readOne(engine: Engine, { workflowId, runId }: Started): Promise<Read> {
  const json = await readJson(engine, workflowId, runId);
  if (json === undefined) return { entries: [], gaps: [], promotions: [] };
  const history = readHistory(json);
  const gaps = [...gapsOf(workflowId, history), ...(await evidenceGaps(engine, workflowId, history))];
  return { entries: trailOf(workflowId, history), gaps, runId, promotions: promotionsOf(history) };
}

/** A release whose environment keeps evidence, and of which none is kept. */
async function evidenceGaps(
  engine: Engine,
  workflowId: string,
  history: ReturnType<typeof readHistory>,
): Promise<readonly Gap[]> {
  const { service, version } = (history.input ?? {}) as { service?: string; version?: string };
  if (history.workflow !== RELEASE || service === undefined || version === undefined) return [];
  const json = await readJson(engine, evidenceId(service, version));
  return withoutEvidence(workflowId, history, json === undefined ? undefined : readHistory(json));
}

function readJson(engine: Engine, workflowId: string, runId?: string): Promise<unknown> {
  const run = { workflowId, ...(runId === undefined ? {} : { runId }) };
  const attempted = { what: `reading the history of ${workflowId}`, workflowId };
  return asking(engine, attempted, () => historiesOf(engine.temporal).read(run));
}

async function listRuns(engine: Engine, query: string): Promise<readonly Started[]> {
  return asking(engine, { what: 'looking for what happened' }, async () => {
    const found: Started[] = [];
    for await (const { workflowId, runId } of engine.temporal.workflow.list({ query }))
      found.push({ workflowId, runId });
    return found;
  });
}

/** What was under way at any time between; every name in it has been checked against a grammar without quotes. */
function releasesQuery({ service, environment, since, until }: AuditRequest): string {
  const types = [PROMOTION, ROLLBACK, ADOPTION, REHEARSAL];
  if (environment === undefined) types.unshift(RELEASE);
  return [
    `WorkflowType IN (${types.map((one) => `'${one}'`).join(', ')})`,
    ...(service === undefined ? [] : [`${SERVICE.name} = '${service}'`]),
    ...(environment === undefined ? [] : [`${ENVIRONMENT.name} = '${environment}'`]),
    ...between(since, until),
  ].join(' AND ');
}

function desksQuery({ environment, since, until }: AuditRequest): string {
  return [
    `WorkflowType = '${ENVIRONMENT_WORKFLOW}'`,
    ...(environment === undefined ? [] : [`WorkflowId = '${environmentId(environment)}'`]),
    ...between(since, until),
  ].join(' AND ');
}

function between(since: string | undefined, until: string | undefined): readonly string[] {
  return [
    ...(since === undefined ? [] : [`(CloseTime >= '${since}' OR ExecutionStatus = 'Running')`]),
    ...(until === undefined ? [] : [`StartTime <= '${until}'`]),
  ];
}

function isWanted(entry: TrailEntry, { service, environment, who, what, since, until }: AuditRequest): boolean {
  return (
    (service === undefined || entry.service === undefined || entry.service === service) &&
    (environment === undefined || entry.environment === undefined || entry.environment === environment) &&
    (who === undefined || samePerson(entry.who, who)) &&
    (what === undefined || entry.what === what) &&
    (since === undefined || Date.parse(entry.at) >= Date.parse(since)) &&
    (until === undefined || Date.parse(entry.at) <= Date.parse(until))
  );
}
