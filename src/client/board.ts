/** What is where, since when, by whom; and what is on its way there. */
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { ENVIRONMENT, OUTCOME, SERVICE } from '../contract/search-attributes.ts';
import type { Waiting } from '../contract/status.ts';
import type { Restraint } from '../domain/restraint.ts';
import type { Engine } from './engine.ts';
import type { GuardianView } from './guardians.ts';
import { assertEnvironment, assertKey } from './keys.ts';
import { readRows } from './list.ts';
import type { ListedRelease } from './listed-release.ts';
import { asking } from './temporal-errors.ts';

export interface BoardRequest {
  /** All services unless given. */
  readonly service?: string;
  /** All environments unless given. */
  readonly environment?: string;
  /** Of the promotions under way only so many, the newest; all unless given. {@link underWay} says how many there are. */
  readonly newest?: number;
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
    /** The run of the promotion that brought it. */
    readonly runId?: string;
    /** Undefined: nobody has asked, or no worker has answered. */
    readonly health?: HealthSeen;
  };
  /** Promotions that have begun and not ended. */
  readonly entering: readonly {
    readonly version: string;
    /** `approval`, `gate` …: one word, a moment behind. */
    readonly waitingFor?: string;
    readonly since: string;
    /** The whole of it, as `status` says it; for the first ones at each place, and while a worker answers. */
    readonly waiting?: Waiting;
    /** It is brought back: it has run well here before. */
    readonly rollback?: true;
  }[];
  /** Stops and holds in force that concern it; undefined here and below: nobody has asked, or no worker has answered. */
  readonly restraints?: readonly Restraint[];
  /** What its guardian has found; undefined: nothing, or it has none. */
  readonly drift?: GuardianView;
  /** The promotion that has the lease, since (ISO 8601). */
  readonly changing?: { readonly version: string; readonly since: string };
  /** Those who wait for their turn since (ISO 8601), the next one first. */
  readonly queue?: readonly { readonly version: string; readonly since: string }[];
}

/** How well it was when somebody looked last, which promotions do and nobody after them: what has happened since is not known. */
export interface HealthSeen {
  readonly state: 'well' | 'not-looked-at';
  /** ISO 8601: the end of the step that looked. */
  readonly at?: string;
  /** The promotion whose step `health` it was. */
  readonly by: string;
  /** What the step said, or why there was none. */
  readonly said: string;
}

type Running = NonNullable<BoardPlace['running']>;

/** How far back the board looks, in promotions that have ended. */
const HORIZON = 2_000;
/** What is under way is shown whole; a bound all the same, against a namespace that somebody fills up. */
const UNDER_WAY = 50_000;
const PAGE = 1_000;
/** What people are shown at once: an answer of the store that is there in a moment. */
export const BOARD_SHOWS = 500;
/** The store is a moment behind, and its clock is not ours. */
const OVERLAP_MS = 60_000;

/** How many that are under way `places` leaves out, of as many as {@link underWay} has counted a moment ago. */
export function leftOut(places: readonly BoardPlace[], counted: number): number {
  const shown = places.reduce((sum, { entering }) => sum + entering.length, 0);
  // fewer than were asked for: all of them, whatever has begun or ended in between
  return shown < BOARD_SHOWS ? 0 : Math.max(0, counted - shown);
}

/** How many promotions are under way: as soon as the store can count, however many. */
export async function underWay(engine: Engine, request: BoardRequest = {}): Promise<number> {
  const { namespace, connection } = engine;
  const query = moving(filterOf(request));
  const { count } = await asking(engine, { what: 'counting promotions' }, () =>
    connection.workflowService.countWorkflowExecutions({ namespace, query }),
  );
  return Number(count ?? 0);
}

/**
 * Reads the visibility store only, without a worker. Whoever asks for all again and again is told what has ended since,
 * added to what is remembered: the time does not grow with the number of releases.
 */
export class Places {
  readonly #engine: Engine;
  #known: Known | undefined;
  /** Answers for all that are on their way, by how many of the newest were asked for. */
  readonly #whole = new Map<number, Promise<readonly BoardPlace[]>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Whoever asks for all while somebody else does shares the answer: the server lets a namespace look ten times a second. */
  async read(request: BoardRequest = {}): Promise<readonly BoardPlace[]> {
    const only = filterOf(request);
    const newest = request.newest ?? UNDER_WAY;
    if (only !== '') return this.#ask(only, newest);
    const asked = this.#whole.get(newest) ?? this.#ask(only, newest).finally(() => this.#whole.delete(newest));
    this.#whole.set(newest, asked);
    return asked;
  }

  async #ask(only: string, newest: number): Promise<readonly BoardPlace[]> {
    const before = only === '' ? this.#known : undefined;
    const asked = Date.now();
    const later = before === undefined ? '' : ` AND CloseTime > '${new Date(before.asked - OVERLAP_MS).toISOString()}'`;
    const [ended, entering] = await Promise.all([
      collect(this.#engine, `WorkflowType = '${PROMOTION}' AND ${OUTCOME.name} = 'released'${only}${later}`, HORIZON),
      collect(this.#engine, moving(only), newest),
    ]);
    const latest = latestByPlace([...(before?.latest.values() ?? []), ...ended]);
    const positions = positionsIn([...ended, ...entering], before?.positions);
    if (only === '') this.#known = { asked, latest, positions };
    const ofPlace = Map.groupBy(entering, placeOf);
    const places = new Set([...latest.keys(), ...ofPlace.keys()]);
    const rows = [...places].map((place) => rowOf(place, latest.get(place), ofPlace.get(place), positions));
    return rows.toSorted((a, b) => a.service.localeCompare(b.service) || a.environment.localeCompare(b.environment));
  }
}

interface Known {
  /** Milliseconds since the epoch. */
  readonly asked: number;
  readonly latest: ReadonlyMap<string, ListedRelease>;
  readonly positions: ReadonlyMap<string, number>;
}

function moving(only: string): string {
  return `WorkflowType = '${PROMOTION}' AND ExecutionStatus = 'Running'${only}`;
}

/** Every value that gets into the query has been checked against a grammar without quotes. */
function filterOf({ service, environment }: BoardRequest): string {
  if (service !== undefined) assertKey({ service, version: 'any' });
  if (environment !== undefined) assertEnvironment(environment);
  const ofService = service === undefined ? '' : ` AND ${SERVICE.name} = '${service}'`;
  return environment === undefined ? ofService : `${ofService} AND ${ENVIRONMENT.name} = '${environment}'`;
}

function latestByPlace(ended: readonly ListedRelease[]): ReadonlyMap<string, ListedRelease> {
  const latest = new Map<string, ListedRelease>();
  for (const info of ended) {
    const known = latest.get(placeOf(info));
    if (known === undefined || closeOf(info) > closeOf(known)) latest.set(placeOf(info), info);
  }
  return latest;
}

/** The order in which releases entered their environments is the order of the path. */
function positionsIn(
  promotions: readonly ListedRelease[],
  before: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const positions = new Map(before);
  for (const legs of Map.groupBy(promotions, releaseOf).values()) {
    legs
      .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
      .forEach((leg, index) => positions.set(placeOf(leg), Math.max(index, positions.get(placeOf(leg)) ?? 0)));
  }
  return positions;
}

async function collect(engine: Engine, query: string, atMost: number): Promise<readonly ListedRelease[]> {
  const found: ListedRelease[] = [];
  let token: Uint8Array | undefined;
  do {
    const answer = await readRows(engine, query, Math.min(PAGE, atMost - found.length), token);
    found.push(...answer.rows);
    token = answer.token;
  } while (token !== undefined && found.length < atMost);
  return found;
}

function rowOf(
  place: string,
  ended: ListedRelease | undefined,
  moving: readonly ListedRelease[] | undefined,
  positions: ReadonlyMap<string, number>,
): BoardPlace {
  const [service = '', environment = ''] = place.split('/');
  const entering = (moving ?? []).map(({ version = '', waitingFor, startedAt, rollback }) => {
    const waits = waitingFor === undefined ? {} : { waitingFor };
    return { version, ...waits, since: startedAt, ...(rollback === undefined ? {} : { rollback }) };
  });
  const position = positions.get(place) ?? 0;
  return { service, environment, position, ...(ended === undefined ? {} : { running: runningOf(ended) }), entering };
}

function runningOf({ version = '', digest, startedAt, endedAt, runId }: ListedRelease): Running {
  const run = runId === undefined ? {} : { runId };
  return { version, ...(digest === undefined ? {} : { digest }), since: endedAt ?? startedAt, approvedBy: [], ...run };
}

function releaseOf({ service, version = '' }: ListedRelease): string {
  return `${service}/${version}`;
}

function placeOf({ service, environment = '' }: ListedRelease): string {
  return `${service}/${environment}`;
}

/** ISO 8601 sorts as it passes. */
function closeOf({ endedAt = '' }: ListedRelease): string {
  return endedAt;
}
