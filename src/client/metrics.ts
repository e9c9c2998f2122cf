/** Figures from real runs: what the visibility store lists, with what each promotion's history says of its steps. Needs no worker. */
import pLimit from 'p-limit';
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { type Built, RELEASE } from '../contract/release-workflow.ts';
import { OUTCOME, SERVICE } from '../contract/search-attributes.ts';
import { isErrorCode } from '../domain/error-code.ts';
import { isName } from '../domain/names.ts';
import { OUTCOMES } from '../domain/outcome.ts';
import { readHistory, type Started } from '../evidence/history.ts';
import { historiesOf } from '../evidence/histories.ts';
import { promotionRun } from '../evidence/promotion-run.ts';
import { type Figure, figuresOf, type Period, type Targets } from '../figures/figures.ts';
import { median } from '../figures/numbers.ts';
import { stepsIn } from '../figures/run-of.ts';
import type { Build, Run, Runs } from '../figures/runs.ts';
import { targetsIn } from '../figures/targets.ts';
import type { Engine } from './engine.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { ReleaseEngineError } from './release-engine-error.ts';
import { asking } from './temporal-errors.ts';

export interface MetricsRequest {
  readonly service?: string;
  /** Where deployments count; the end of each service's path, as its journeys tell, unless given. */
  readonly environment?: string;
  /** ISO 8601, both. */
  readonly since: string;
  readonly until: string;
  /** Cuts the time between into periods of this length, the last one as long as is left; undefined: one period. */
  readonly everyMs?: number;
}

export interface Metrics {
  /** In their order. */
  readonly periods: readonly PeriodMetrics[];
  /** Promotions that were looked at. */
  readonly runs: number;
  /** ISO 8601: the end of the oldest of them; what is older the engine may have forgotten. */
  readonly oldest?: string;
}

export interface PeriodMetrics {
  /** ISO 8601, both. */
  readonly since: string;
  readonly until: string;
  /** Each service by itself, then all of them together where there are several. */
  readonly services: readonly ServiceMetrics[];
}

export interface ServiceMetrics {
  /** Undefined: all services. */
  readonly service?: string;
  /** Where its deployments were counted. */
  readonly environment?: string;
  readonly figures: readonly Figure[];
}

const AT_ONCE = 8;

export async function readMetrics(engine: Engine, request: MetricsRequest): Promise<Metrics> {
  const { service, environment } = request;
  const periods = periodsIn(request);
  if (service !== undefined) assertKey({ service, version: 'any' });
  if (environment !== undefined) assertEnvironment(environment);
  const [runs, builds] = await Promise.all([listRuns(engine, request), listBuilds(engine, request)]);
  const targets = targetsIn(runs);
  const targetOf = (name: string): string | undefined => environment ?? targets.get(name);
  const oldest = Math.min(...runs.map((one) => one.endedAt));
  return {
    periods: periods.map((period) => ({
      since: new Date(period.since).toISOString(),
      until: new Date(period.until).toISOString(),
      services: servicesIn({ runs, builds }, period, targetOf, environment),
    })),
    runs: runs.length,
    ...(runs.length === 0 ? {} : { oldest: new Date(oldest).toISOString() }),
  };
}

export interface TimesRequest {
  readonly environment: string;
  /** ISO 8601, both: promotions that ended between them. */
  readonly since: string;
  readonly until: string;
}

/** Milliseconds that a promotion into the environment took without its waits, by service: the median of those that went well. */
export async function readTimes(engine: Engine, request: TimesRequest): Promise<ReadonlyMap<string, number>> {
  const { environment } = request;
  assertEnvironment(environment);
  const ended = (await listRuns(engine, request)).filter(
    (one) => one.environment === environment && one.outcome === 'released' && !one.isRollback,
  );
  return new Map(
    [...new Set(ended.map(({ service }) => service))].flatMap((service) => {
      const worked = median(ended.filter(isOf(service)).flatMap(({ steps }) => steps?.workMs ?? []));
      return worked === undefined ? [] : [[service, worked] as const];
    }),
  );
}

const MOST_PERIODS = 400;

function periodsIn({ since, until, everyMs }: MetricsRequest): readonly Period[] {
  const [from, end] = [Date.parse(since), Date.parse(until)];
  const length = everyMs ?? end - from;
  const count = Math.ceil((end - from) / length);
  if (!(end > from) || count > MOST_PERIODS) {
    throw new ReleaseEngineError('input-invalid', 'these are no periods', {
      expected: `an end after the beginning, and at most ${MOST_PERIODS} periods between`,
      got: `${since} to ${until}${everyMs === undefined ? '' : `, ${count} periods`}`,
      remedy: 'choose another --since, --until or --every',
    });
  }
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * length;
    return { since: at, until: Math.min(at + length, end) };
  });
}

function servicesIn(
  { runs, builds }: Runs,
  period: Period,
  targetOf: Targets,
  environment: string | undefined,
): readonly ServiceMetrics[] {
  const names = [...new Set([...runs, ...builds].map((one) => one.service))].toSorted();
  const each = names.map((name): ServiceMetrics => {
    const target = targetOf(name);
    const own = { runs: runs.filter(isOf(name)), builds: builds.filter(isOf(name)) };
    const where = target === undefined ? {} : { environment: target };
    return { service: name, ...where, figures: figuresOf(own, period, targetOf) };
  });
  if (names.length === 1) return each;
  const where = environment === undefined ? {} : { environment };
  return [...each, { ...where, figures: figuresOf({ runs, builds }, period, targetOf) }];
}

function isOf(service: string): (one: { readonly service: string }) => boolean {
  return (one) => one.service === service;
}

async function listRuns(engine: Engine, request: MetricsRequest): Promise<readonly Run[]> {
  const line = pLimit(AT_ONCE);
  const query = [`WorkflowType = '${PROMOTION}'`, `CloseTime >= '${request.since}'`, ...restOf(request)].join(' AND ');
  return asking(engine, { what: 'looking for what has ended' }, async () => {
    const found: Promise<Run | undefined>[] = [];
    const ended = engine.temporal.workflow.list({ query });
    for await (const { workflowId, runId, startTime, closeTime, typedSearchAttributes: said } of ended) {
      const times = { startedAt: startTime.getTime(), endedAt: closeTime?.getTime() ?? startTime.getTime() };
      found.push(line(() => readRun(engine, { workflowId, runId }, times, said.get(OUTCOME))));
    }
    return (await Promise.all(found)).filter((one) => one !== undefined);
  });
}

/** Undefined: it never was one of ours. */
async function readRun(
  engine: Engine,
  { workflowId, runId }: Started,
  times: Pick<Run, 'startedAt' | 'endedAt'>,
  listed: string | undefined,
): Promise<Run | undefined> {
  const [, service = '', version = '', environment = ''] = workflowId.split('/');
  if (!isName(service) || !isName(environment)) return undefined;
  const json = await historiesOf(engine.temporal).read({ workflowId, runId });
  const about = { service, version, environment, ...times };
  // listed a moment ago, and forgotten since: how it ended is all that is left
  if (json === undefined) return { ...about, isRollback: false, ...outcomeOf(listed) };
  const { input, outcome, plan, steps } = promotionRun(readHistory(json));
  return {
    ...about,
    isRollback: input.rollback !== undefined,
    ...(input.rollback?.rehearsal === undefined ? {} : { isRehearsal: true }),
    ...outcomeOf(outcome?.kind),
    ...(isErrorCode(outcome?.refusal?.code) ? { refusal: outcome.refusal.code } : {}),
    ...(outcome === undefined ? {} : { steps: stepsIn(steps, plan?.image.digest) }),
  };
}

function outcomeOf(text: string | undefined): Pick<Run, 'outcome'> {
  const outcome = OUTCOMES.find((one) => one === text);
  return outcome === undefined ? {} : { outcome };
}

/** Also those that are under way: one of their promotions may have ended. */
async function listBuilds(engine: Engine, request: MetricsRequest): Promise<readonly Build[]> {
  const isRecent = `(CloseTime >= '${request.since}' OR ExecutionStatus = 'Running')`;
  const query = [`WorkflowType = '${RELEASE}'`, isRecent, ...restOf(request)].join(' AND ');
  return asking(engine, { what: 'looking for releases' }, async () => {
    const found: Build[] = [];
    for await (const { workflowId, startTime, memo } of engine.temporal.workflow.list({ query })) {
      const [, service = '', version = ''] = workflowId.split('/');
      const { committedAt, tookMs } = builtIn(memo);
      const at = Date.parse(committedAt ?? '');
      found.push({
        ...{ service, version, startedAt: startTime.getTime() },
        ...(Number.isNaN(at) ? {} : { committedAt: at }),
        ...(tookMs === undefined ? {} : { tookMs }),
      });
    }
    return found;
  });
}

/** Whoever may write to the namespace may have written anything there. */
function builtIn(memo: Readonly<Record<string, unknown>> | undefined): Built {
  const built: unknown = memo?.['built'];
  if (typeof built !== 'object' || built === null) return {};
  const { committedAt, tookMs } = built as Partial<Record<keyof Built, unknown>>;
  return {
    ...(typeof committedAt === 'string' ? { committedAt } : {}),
    ...(typeof tookMs === 'number' && tookMs >= 0 ? { tookMs } : {}),
  };
}

/** Every name in it has been checked against a grammar without quotes. */
function restOf({
  service,
  until,
}: {
  readonly service?: string | undefined;
  readonly until: string;
}): readonly string[] {
  return [...(service === undefined ? [] : [`${SERVICE.name} = '${service}'`]), `StartTime <= '${until}'`];
}
