/** What is where, since when, by whom; and what is on its way there. */
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { DIGEST, ENVIRONMENT, OUTCOME, SERVICE, VERSION, WAITING_FOR } from '../contract/search-attributes.ts';
import type { PromotionStatus } from '../contract/status.ts';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { Engine } from './engine.ts';
import { assertKey } from './keys.ts';
import { readPromotionStatus } from './status.ts';
import { asking } from './temporal-errors.ts';

export interface BoardRequest {
  /** All services unless given. */
  readonly service?: string;
}

export interface BoardPlace {
  readonly service: string;
  readonly environment: string;
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

/** How far back the board looks, in promotions. */
const HORIZON = 2_000;

/** Reads the visibility store; people's names come from the promotions themselves and are missing while no worker runs. */
export async function readBoard(engine: Engine, { service }: BoardRequest = {}): Promise<readonly BoardPlace[]> {
  if (service !== undefined) assertKey({ service, version: 'any' });
  const only = service === undefined ? '' : ` AND ${SERVICE.name} = '${service}'`;
  const [ended, moving] = await Promise.all([
    latestByPlace(engine, `WorkflowType = '${PROMOTION}' AND ${OUTCOME.name} = 'released'${only}`),
    collect(engine, `WorkflowType = '${PROMOTION}' AND ExecutionStatus = 'Running'${only}`),
  ]);
  const places = new Set([...ended.keys(), ...moving.map(placeOf)]);
  const rows = await Promise.all([...places].map((place) => rowOf(engine, place, ended.get(place), moving)));
  return rows.toSorted((a, b) => a.service.localeCompare(b.service) || a.environment.localeCompare(b.environment));
}

async function latestByPlace(engine: Engine, query: string): Promise<ReadonlyMap<string, WorkflowExecutionInfo>> {
  const latest = new Map<string, WorkflowExecutionInfo>();
  for (const info of await collect(engine, query)) {
    const known = latest.get(placeOf(info));
    if (known === undefined || closeOf(info) > closeOf(known)) latest.set(placeOf(info), info);
  }
  return latest;
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

async function rowOf(
  engine: Engine,
  place: string,
  ended: WorkflowExecutionInfo | undefined,
  moving: readonly WorkflowExecutionInfo[],
): Promise<BoardPlace> {
  const [service = '', environment = ''] = place.split('/');
  const entering = moving
    .filter((info) => placeOf(info) === place)
    .map((info) => {
      const waitingFor = info.typedSearchAttributes.get(WAITING_FOR);
      const since = info.startTime.toISOString();
      return { version: versionOf(info), ...(waitingFor === undefined ? {} : { waitingFor }), since };
    });
  if (ended === undefined) return { service, environment, entering };
  const status = await readPromotionStatus(engine, ended.workflowId).catch(() => undefined);
  return { service, environment, running: runningOf(ended, status), entering };
}

function runningOf(
  info: WorkflowExecutionInfo,
  status: PromotionStatus | undefined,
): NonNullable<BoardPlace['running']> {
  const digest = info.typedSearchAttributes.get(DIGEST) ?? status?.image.digest;
  const yes = status?.approval?.given.filter((one) => one.decision === 'approve') ?? [];
  return {
    version: versionOf(info),
    ...(digest === undefined ? {} : { digest }),
    since: (info.closeTime ?? info.startTime).toISOString(),
    ...(status === undefined ? {} : { requestedBy: status.requestedBy }),
    approvedBy: yes.map((one) => one.approver),
  };
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
