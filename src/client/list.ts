/** Releases by what operators filter for. Reads the visibility store only: needs no worker, and is a moment behind. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { RELEASE, type ReleaseMemo } from '../contract/release-workflow.ts';
import { DIGEST, ENVIRONMENT, OUTCOME, SERVICE, VERSION, WAITING_FOR } from '../contract/search-attributes.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { asking } from './temporal-errors.ts';

export interface ListRequest {
  readonly service?: string;
  /** Where the release is now. */
  readonly environment?: string;
  readonly outcome?: OutcomeKind;
  /** Only those that wait: for anything (true), or for this. */
  readonly waiting?: boolean | string;
  readonly running?: boolean;
  /** 100 unless given. */
  readonly limit?: number;
}

export interface ListedRelease {
  readonly service: string;
  readonly version: string;
  readonly environment?: string;
  readonly waitingFor?: string;
  readonly outcome?: string;
  readonly digest?: string;
  readonly requestedBy?: string;
  readonly running: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string;
}

const LIMIT = 100;

export async function listReleases(engine: Engine, request: ListRequest = {}): Promise<readonly ListedRelease[]> {
  const query = queryOf(request);
  const limit = request.limit ?? LIMIT;
  return asking(engine, { what: 'list of releases' }, async () => {
    const found: ListedRelease[] = [];
    for await (const info of engine.temporal.workflow.list({ query, pageSize: Math.min(limit, 200) })) {
      found.push(rowOf(info));
      if (found.length >= limit) break;
    }
    return found;
  });
}

/** Every value that gets into the query has been checked against a grammar without quotes. */
function queryOf(request: ListRequest): string {
  const { service, environment, outcome, waiting, running } = request;
  if (service !== undefined) assertKey({ service, version: 'any' });
  if (environment !== undefined) assertEnvironment(environment);
  if (typeof waiting === 'string') assertEnvironment(waiting);
  const parts = [typesOf(request)];
  if (service !== undefined) parts.push(`${SERVICE.name} = '${service}'`);
  if (environment !== undefined) parts.push(`${ENVIRONMENT.name} = '${environment}'`);
  if (outcome !== undefined) parts.push(`${OUTCOME.name} = '${outcome}'`);
  if (waiting === true) parts.push(`${WAITING_FOR.name} IS NOT NULL`);
  if (typeof waiting === 'string') parts.push(`${WAITING_FOR.name} = '${waiting}'`);
  if (running === true || waiting !== undefined) parts.push(`ExecutionStatus = 'Running'`);
  return parts.join(' AND ');
}

/** Where a release is, and what it waits for there, its promotion knows; between two promotions it waits itself. */
function typesOf({ environment, waiting }: ListRequest): string {
  if (environment !== undefined) return `WorkflowType = '${PROMOTION}'`;
  return waiting === undefined ? `WorkflowType = '${RELEASE}'` : `WorkflowType IN ('${RELEASE}', '${PROMOTION}')`;
}

function rowOf(info: WorkflowExecutionInfo): ListedRelease {
  const attribute = info.typedSearchAttributes;
  const memo = (info.memo ?? {}) as Partial<ReleaseMemo>;
  const [, service = '', version = ''] = info.workflowId.split('/');
  return {
    service: attribute.get(SERVICE) ?? service,
    version: attribute.get(VERSION) ?? version,
    ...optional('environment', attribute.get(ENVIRONMENT)),
    ...optional('waitingFor', attribute.get(WAITING_FOR)),
    ...optional('outcome', attribute.get(OUTCOME)),
    ...optional('digest', attribute.get(DIGEST)),
    ...optional('requestedBy', memo.requestedBy),
    running: info.status.name === 'RUNNING',
    startedAt: info.startTime.toISOString(),
    ...optional('endedAt', info.closeTime?.toISOString()),
  };
}

function optional<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: string });
}
