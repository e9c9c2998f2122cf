/** What is where, since when, by whom; and what is on its way there. */
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { DIGEST, ENVIRONMENT, OUTCOME, SERVICE, VERSION, WAITING_FOR } from '../contract/search-attributes.ts';
import { promotionId } from '../contract/workflow-ids.ts';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { readPromotionStatus } from './status.ts';
import { asking } from './temporal-errors.ts';

export interface BoardRequest {
  /** All services unless given. */
  readonly service?: string;
  /** All environments unless given. */
  readonly environment?: string;
}

export interface BoardPlace {
  readonly service: string;
  readonly environment: string;
  /** Its place on the path from 0, as far as recent journeys tell. */
  readonly position?: number;
  /** The last promotion that ended well here; undefined: none that the engine remembers. */
  readonly running?: {
    readonly version: string;
    readonly digest?: string;
    /** ISO 8601. */
    readonly since: string;
    readonly requestedBy?: string;
    readonly approvedBy: readonly string[];
  };
  /** Promotions that have begun and not ended. */
  readonly entering: readonly { readonly version: string; readonly waitingFor?: string; readonly since: string }[];
}

type Running = NonNullable<BoardPlace['running']>;

/** How far back the board looks, in promotions. */
const HORIZON = 2_000;

/** {@link readPlaces}, and who: people's names come from the promotions themselves and are missing while no worker runs. */
export async function readBoard(engine: Engine, request: BoardRequest = {}): Promise<readonly BoardPlace[]> {
  const places = await readPlaces(engine, request);
  return Promise.all(places.map((place) => withPeople(engine, place)));
}

/** Reads the visibility store only: two queries, however many releases there are, and no worker. */
export async function readPlaces(engine: Engine, request: BoardRequest = {}): Promise<readonly BoardPlace[]> {
  const only = filterOf(request);
  const [ended, moving] = await Promise.all([
    collect(engine, `WorkflowType = '${PROMOTION}' AND ${OUTCOME.name} = 'released'${only}`),
    collect(engine, `WorkflowType = '${PROMOTION}' AND ExecutionStatus = 'Running'${only}`),
  ]);
  const latest = latestByPlace(ended);
  const positions = positionsIn([...ended, ...moving]);
  const places = new Set([...latest.keys(), ...moving.map(placeOf)]);
  const rows = [...places].map((place) => rowOf(place, latest.get(place), moving, positions));
  return rows.toSorted((a, b) => a.service.localeCompare(b.service) || a.environment.localeCompare(b.environment));
}

/** Every value that gets into the query has been checked against a grammar without quotes. */
function filterOf({ service, environment }: BoardRequest): string {
  if (service !== undefined) assertKey({ service, version: 'any' });
  if (environment !== undefined) assertEnvironment(environment);
  const ofService = service === undefined ? '' : ` AND ${SERVICE.name} = '${service}'`;
  return environment === undefined ? ofService : `${ofService} AND ${ENVIRONMENT.name} = '${environment}'`;
}

function latestByPlace(ended: readonly WorkflowExecutionInfo[]): ReadonlyMap<string, WorkflowExecutionInfo> {
  const latest = new Map<string, WorkflowExecutionInfo>();
  for (const info of ended) {
    const known = latest.get(placeOf(info));
    if (known === undefined || closeOf(info) > closeOf(known)) latest.set(placeOf(info), info);
  }
  return latest;
}

/** The order in which releases entered their environments is the order of the path. */
function positionsIn(promotions: readonly WorkflowExecutionInfo[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const legs of Map.groupBy(promotions, releaseOf).values()) {
    legs
      .toSorted((a, b) => a.startTime.getTime() - b.startTime.getTime())
      .forEach((leg, index) => positions.set(placeOf(leg), Math.max(index, positions.get(placeOf(leg)) ?? 0)));
  }
  return positions;
}

async function collect(engine: Engine, query: string): Promise<readonly WorkflowExecutionInfo[]> {
  return asking(engine, { what: 'board' }, async () => {
    const found: WorkflowExecutionInfo[] = [];
    for await (const info of engine.temporal.workflow.list({ query, pageSize: 1_000 })) {
      found.push(info);
      if (found.length >= HORIZON) break;
    }
    return found;
  });
}

function rowOf(
  place: string,
  ended: WorkflowExecutionInfo | undefined,
  moving: readonly WorkflowExecutionInfo[],
  positions: ReadonlyMap<string, number>,
): BoardPlace {
  const [service = '', environment = ''] = place.split('/');
  const entering = moving
    .filter((info) => placeOf(info) === place)
    .map((info) => {
      const waitingFor = info.typedSearchAttributes.get(WAITING_FOR);
      const since = info.startTime.toISOString();
      return { version: versionOf(info), ...(waitingFor === undefined ? {} : { waitingFor }), since };
    });
  const position = positions.get(place) ?? 0;
  return { service, environment, position, ...(ended === undefined ? {} : { running: runningOf(ended) }), entering };
}

function runningOf(info: WorkflowExecutionInfo): Running {
  const digest = info.typedSearchAttributes.get(DIGEST);
  const since = (info.closeTime ?? info.startTime).toISOString();
  return { version: versionOf(info), ...(digest === undefined ? {} : { digest }), since, approvedBy: [] };
}

async function withPeople(engine: Engine, place: BoardPlace): Promise<BoardPlace> {
  const { service, environment, running } = place;
  if (running === undefined) return place;
  const id = promotionId(service, running.version, environment);
  const status = await readPromotionStatus(engine, id).catch(() => undefined);
  if (status === undefined) return place;
  const yes = status.approval?.given.filter((one) => one.decision === 'approve') ?? [];
  const people = { requestedBy: status.requestedBy, approvedBy: yes.map((one) => one.approver) };
  return { ...place, running: { digest: status.image.digest, ...running, ...people } };
}

function releaseOf(info: WorkflowExecutionInfo): string {
  return info.workflowId.split('/').slice(1, 3).join('/');
}

function placeOf(info: WorkflowExecutionInfo): string {
  const [, service = '', , environment = ''] = info.workflowId.split('/');
  const attributes = info.typedSearchAttributes;
  return `${attributes.get(SERVICE) ?? service}/${attributes.get(ENVIRONMENT) ?? environment}`;
}

function versionOf(info: WorkflowExecutionInfo): string {
  return info.typedSearchAttributes.get(VERSION) ?? info.workflowId.split('/')[2] ?? '';
}

function closeOf(info: WorkflowExecutionInfo): number {
  return info.closeTime?.getTime() ?? 0;
}
