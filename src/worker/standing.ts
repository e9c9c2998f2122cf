/** What is open at the moment and what it waits for, read from Temporal's visibility: no worker that is gone takes it along. */
import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { RELEASE } from '../contract/release-workflow.ts';
import { ENVIRONMENT, SERVICE, WAITING_FOR } from '../contract/search-attributes.ts';
import { WAIT_KINDS } from '../domain/waiting.ts';
import type { Instruments } from '../telemetry/instruments.ts';

/** A thousand take some ten milliseconds to read. */
const READ_EVERY_MS = 15_000;
/** More than that are as bad as that. */
const MOST_READ = 10_000;
const PAGE = 1_000;
const OPEN = `ExecutionStatus = 'Running' AND WorkflowType IN ('${RELEASE}', '${PROMOTION}')`;

export interface Open {
  readonly type: string;
  readonly startedMs: number;
  readonly service: string;
  readonly environment: string;
  readonly standing: string;
}

interface Group {
  readonly labels: Omit<Open, 'startedMs'>;
  count: number;
  startedMs: number;
}

/** Read again and again until `signal` is aborted; what cannot be read stays as it was, and its age is told. */
export async function followStanding(
  client: Pick<Client, 'workflow'>,
  { gauge }: Instruments,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let groups: readonly Group[] = [];
  let readMs: number | undefined;
  const of = (type: string): readonly Group[] => groups.filter((one) => one.labels.type === type);
  const age = ({ startedMs }: Group): number => Math.max(0, (Date.now() - startedMs) / 1_000);
  const promotion = ({ labels: { service, environment, standing } }: Group) => ({ service, environment, standing });
  const release = ({ labels: { service, standing } }: Group) => ({ service, standing });
  gauge('openPromotions', () => of(PROMOTION).map((one) => ({ value: one.count, labels: promotion(one) })));
  gauge('oldestPromotion', () => of(PROMOTION).map((one) => ({ value: age(one), labels: promotion(one) })));
  gauge('openReleases', () => of(RELEASE).map((one) => ({ value: one.count, labels: release(one) })));
  gauge('oldestRelease', () => of(RELEASE).map((one) => ({ value: age(one), labels: release(one) })));
  gauge('standingRead', () => (readMs === undefined ? [] : [{ value: readMs / 1_000, labels: {} }]));
  let isLost = false;
  while (!signal.aborted) {
    try {
      groups = grouped(await readOpen(client), groups);
      readMs = Date.now();
      if (isLost) logger.info('what is open is read again');
      isLost = false;
    } catch (error) {
      if (!isLost) logger.warn('what is open cannot be read; its metrics stay as they were', { error });
      isLost = true;
    }
    await sleep(READ_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readOpen({ workflow }: Pick<Client, 'workflow'>): Promise<readonly Open[]> {
  const found: Open[] = [];
  for await (const { type, startTime, typedSearchAttributes } of workflow.list({ query: OPEN, pageSize: PAGE })) {
    const waits = typedSearchAttributes.get(WAITING_FOR);
    found.push({
      type,
      startedMs: startTime.getTime(),
      service: typedSearchAttributes.get(SERVICE) ?? 'none',
      environment: typedSearchAttributes.get(ENVIRONMENT) ?? 'none',
      standing: WAIT_KINDS.find((kind) => kind === waits) ?? 'none',
    });
    if (found.length === MOST_READ) break;
  }
  return found;
}

/** A group that was there and is empty now says so: a series that only ended would look like one that is not read. */
export function grouped(open: readonly Open[], before: readonly Group[]): readonly Group[] {
  const groups = new Map<string, Group>(
    before.map(({ labels }) => [keyOf(labels), { labels, count: 0, startedMs: Number.POSITIVE_INFINITY }]),
  );
  for (const { startedMs, ...labels } of open) {
    const group = groups.get(keyOf(labels)) ?? { labels, count: 0, startedMs };
    groups.set(keyOf(labels), group);
    group.count += 1;
    group.startedMs = Math.min(group.startedMs, startedMs);
  }
  return [...groups.values()];
}

function keyOf({ type, service, environment, standing }: Omit<Open, 'startedMs'>): string {
  return [type, service, environment, standing].join('\n');
}
