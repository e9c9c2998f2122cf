/** Releases by what operators filter for. Reads the visibility store only: needs no worker, and is a moment behind. */
import { type Payload, defaultPayloadConverter } from '@temporalio/common';
import { OBSERVATION } from '../contract/observation-workflow.ts';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { RELEASE, type ReleaseMemo } from '../contract/release-workflow.ts';
import { ROLLBACK } from '../contract/rollback-workflow.ts';
import { DIGEST, ENVIRONMENT, OUTCOME, SERVICE, VERSION, WAITING_FOR } from '../contract/search-attributes.ts';
import { digestOf } from '../content/digest-of.ts';
import { hexOf } from '../domain/digest.ts';
import type { ObservedVerdict } from '../domain/observed.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import type { ListedRelease } from './listed-release.ts';
import { together } from './listed-together.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking } from './temporal-errors.ts';

export interface ListRequest {
  readonly service?: string;
  /** Where the release is now. */
  readonly environment?: string;
  /** A verdict: of observations. */
  readonly outcome?: OutcomeKind | ObservedVerdict;
  /** Only those that wait: for anything (true), or for this. */
  readonly waiting?: boolean | string;
  readonly running?: boolean;
  /** Roll-backs instead of releases, also those that have ended. */
  readonly rollbacks?: boolean;
  /** Observations instead of releases: each run, the verdict in place of the outcome. They are in no environment, and wait for nothing. */
  readonly observations?: boolean;
  /** 100 unless given. */
  readonly limit?: number;
}

export interface PageRequest extends ListRequest {
  /** Where the previous page ended, as it said so. */
  readonly after?: string;
}

export interface ReleasePage {
  readonly releases: readonly ListedRelease[];
  /** Present when there is more. */
  readonly next?: string;
}

type Answer = Awaited<ReturnType<Engine['connection']['workflowService']['listWorkflowExecutions']>>;
export type RawExecution = NonNullable<Answer['executions']>[number];

const REQUESTED_BY: keyof ReleaseMemo = 'requestedBy';
// temporal.api.enums.v1.WorkflowExecutionStatus
const RUNNING = 1;

const LIMIT = 100;
const PAGE_LIMIT = 200;

export async function listReleases(engine: Engine, request: ListRequest = {}): Promise<readonly ListedRelease[]> {
  const limit = request.limit ?? LIMIT;
  const found: ListedRelease[] = [];
  let after: string | undefined;
  do {
    const page = await listPage(engine, { ...request, limit: limit - found.length, ...optional('after', after) });
    found.push(...page.releases.slice(0, limit - found.length));
    after = page.next;
  } while (after !== undefined && found.length < limit);
  return found;
}

/**
 * At most `limit` and 200 releases; in front of the first page the roll-backs that are under way, which belong to no release. `input-invalid` when `after` is nothing that a page said.
 */
export async function listPage(engine: Engine, request: PageRequest = {}): Promise<ReleasePage> {
  const pageSize = Math.min(request.limit ?? LIMIT, PAGE_LIMIT);
  const place = request.after === undefined ? undefined : tokenOf(request.after);
  const [{ rows, token }, rollbacks] = await Promise.all([
    readRows(engine, queryOf(request), pageSize, place),
    isPlain(request) ? readRows(engine, queryOf({ ...request, rollbacks: true, running: true }), pageSize) : undefined,
  ]);
  if (request.observations === true)
    return { releases: rows, ...(token === undefined ? {} : { next: placeOf(token) }) };
  const look = async (query: string, atMost: number): Promise<readonly ListedRelease[]> =>
    (await readRows(engine, query, atMost)).rows;
  const releases = await together([...(rollbacks?.rows ?? []), ...rows], look);
  return { releases, ...(token === undefined ? {} : { next: placeOf(token) }) };
}

export interface Rows {
  readonly rows: readonly ListedRelease[];
  /** Where the server goes on. */
  readonly token?: Uint8Array;
}

/** One answer of the visibility store, about releases or about their promotions. */
export async function readRows(engine: Engine, query: string, pageSize: number, token?: Uint8Array): Promise<Rows> {
  const { executions, ...rest } = await readExecutions(engine, query, pageSize, token);
  return { rows: executions.map(rowOf), ...rest };
}

/** One answer of the visibility store, as the server has it. */
export async function readExecutions(
  engine: Engine,
  query: string,
  pageSize: number,
  token?: Uint8Array,
): Promise<{ readonly executions: readonly RawExecution[]; readonly token?: Uint8Array }> {
  const { connection, namespace } = engine;
  const place = token === undefined ? {} : { nextPageToken: token };
  const { executions, nextPageToken } = await asking(engine, { what: 'looking for releases' }, () =>
    connection.workflowService.listWorkflowExecutions({ namespace, query, pageSize, ...place }),
  );
  const found = executions ?? [];
  return nextPageToken == null || nextPageToken.length === 0
    ? { executions: found }
    : { executions: found, token: nextPageToken };
}

const PLACE = /^[\w-]{1,1000}\.[0-9a-f]{8}$/;

/** With a check sum: the server takes a token that it did not write for an outage of its own, and is asked again and again. */
function placeOf(token: Uint8Array): string {
  return `${Buffer.from(token).toString('base64url')}.${hexOf(digestOf(token)).slice(0, 8)}`;
}

function tokenOf(after: string): Uint8Array {
  const token = Buffer.from(after.split('.')[0] ?? '', 'base64url');
  if (PLACE.test(after) && placeOf(token) === after) return token;
  throw new ReleaseEngineError('input-invalid', 'this is no place in the list of releases', {
    remedy: 'begin at the first page',
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

/** Releases of which none has to have got anywhere: roll-backs under way are not among them. */
function isPlain({ environment, outcome, waiting, rollbacks, observations, after }: PageRequest): boolean {
  return [environment, outcome, waiting, rollbacks, observations, after].every(
    (one) => one === undefined || one === false,
  );
}

/** A roll-back is what its promotion is; one that ended before it had any stands for itself. */
const BRINGS_BACK = `(WorkflowType = '${PROMOTION}' AND ParentWorkflowId STARTS_WITH '${ROLLBACK}/')`;
const CAME_TO_NOTHING = `(WorkflowType = '${ROLLBACK}' AND ${OUTCOME.name} IN ('refused', 'aborted') AND ${VERSION.name} IS NULL)`;

/** Where a release is, and what it waits for there, its promotion knows; between two promotions it waits itself. */
function typesOf({ environment, waiting, rollbacks, observations }: ListRequest): string {
  if (observations === true) return `WorkflowType = '${OBSERVATION}'`;
  if (rollbacks === true) return `(${BRINGS_BACK} OR ${CAME_TO_NOTHING})`;
  if (environment !== undefined) return `WorkflowType = '${PROMOTION}'`;
  return waiting === undefined ? `WorkflowType = '${RELEASE}'` : `WorkflowType IN ('${RELEASE}', '${PROMOTION}')`;
}

/** As the server's own message has it: the client's list gives rows, but not the place at which a page ends. */
function rowOf(info: RawExecution): ListedRelease {
  const attribute = (name: string): string | undefined => decoded(info.searchAttributes?.indexedFields?.[name]);
  const parts = (info.execution?.workflowId ?? '').split('/');
  const type = info.type?.name;
  const isRollback = type === ROLLBACK;
  const [, service = '', version, environment] = isRollback ? [parts[0], parts[1], undefined, parts[2]] : parts;
  return {
    service: attribute(SERVICE.name) ?? service,
    ...optional('version', attribute(VERSION.name) ?? version),
    ...optional('environment', attribute(ENVIRONMENT.name) ?? environment),
    ...optional('waitingFor', attribute(WAITING_FOR.name)),
    ...optional('outcome', attribute(OUTCOME.name)),
    ...optional('digest', attribute(DIGEST.name)),
    ...optional('requestedBy', decoded(info.memo?.fields?.[REQUESTED_BY])),
    running: info.status === RUNNING,
    ...optional('runId', info.execution?.runId ?? undefined),
    startedAt: isoOf(info.startTime) ?? '',
    ...optional('endedAt', isoOf(info.closeTime)),
    ...(isRollback || info.parentExecution?.workflowId?.startsWith(`${ROLLBACK}/`) ? { rollback: true } : {}),
    ...(type === OBSERVATION ? { observation: true } : {}),
  };
}

function decoded(payload: Payload | undefined): string | undefined {
  const value: unknown = payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
  const [first] = Array.isArray(value) ? (value as unknown[]) : [value];
  return typeof first === 'string' ? first : undefined;
}

function isoOf(time: RawExecution['startTime']): string | undefined {
  if (time == null) return undefined;
  return new Date(Number(time.seconds ?? 0) * 1_000 + Math.floor((time.nanos ?? 0) / 1_000_000)).toISOString();
}

function optional<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: string });
}
