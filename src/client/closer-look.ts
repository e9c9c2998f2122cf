/**
 * What promotions themselves say of the places on a board: who asked and who agreed, how well it was seen to be, and what those on their
 * way wait for. Only a worker can answer that, so that it is asked for a bounded number, for a bounded time, and missing otherwise.
 */
import pLimit from 'p-limit';
import { statusQuery } from '../contract/promotion-workflow.ts';
import type { PromotionStatus } from '../contract/status.ts';
import { promotionId } from '../contract/workflow-ids.ts';
import type { BoardPlace, HealthSeen } from './board.ts';
import type { Engine } from './engine.ts';
import { saysNobodyAnswers } from './temporal-errors.ts';

/** Of those on their way, the ones that have waited longest at each place: a board shows thousands, and nobody reads so many reasons. */
const MOST_WAITS = 20;
const AT_ONCE = 8;
/** A promotion answers within milliseconds when a worker runs. Nobody waits longer for what is shown beside something else. */
const ANSWER_MS = 1_000;
const LOOK_MS = 2_000;
/** For how long it is believed that no worker runs. */
const SILENT_MS = 5_000;

type Ended = Pick<NonNullable<BoardPlace['running']>, 'digest' | 'requestedBy' | 'approvedBy' | 'health'>;

interface Run {
  readonly workflowId: string;
  /** The newest unless given. */
  readonly runId?: string;
}

export class CloserLook {
  readonly #engine: Engine;
  readonly #atOnce = pLimit(AT_ONCE);
  /** What has ended says the same for ever; by run. */
  readonly #ended = new Map<string, Ended>();
  /** Whoever asks while somebody else does shares the answer. */
  readonly #asked = new Map<string, Promise<PromotionStatus | undefined>>();
  /** When somebody answered last. */
  #heardMs = 0;
  #silentUntilMs = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Never throws: what is not said in time is left out. */
  async at(places: readonly BoardPlace[]): Promise<readonly BoardPlace[]> {
    this.#forgetAllBut(places);
    const untilMs = Date.now() + LOOK_MS;
    const first = firstToAsk(places);
    // those that wait first: what runs is remembered, and its people are known by the desk as well
    const entering = places.map((place) => this.#enteringAt(place, first, untilMs));
    const running = places.map((place) => this.#runningAt(place, untilMs));
    return Promise.all(
      places.map(async (place, index) => {
        const now = await running[index];
        return { ...place, ...(now === undefined ? {} : { running: now }), entering: (await entering[index]) ?? [] };
      }),
    );
  }

  #enteringAt(place: BoardPlace, first: ReadonlySet<unknown>, untilMs: number): Promise<BoardPlace['entering']> {
    return Promise.all(
      place.entering.map((one) => (first.has(one) ? this.#withWait(place, one, untilMs) : Promise.resolve(one))),
    );
  }

  async #runningAt(place: BoardPlace, untilMs: number): Promise<BoardPlace['running']> {
    const { running } = place;
    if (running?.runId === undefined) return running;
    const { runId } = running;
    const known = this.#ended.get(runId);
    if (known !== undefined) return { ...running, ...known };
    const workflowId = promotionId(place.service, running.version, place.environment);
    const status = await this.#ask({ workflowId, runId }, untilMs);
    if (status === undefined) return running;
    const ended = endedAs(status);
    this.#ended.set(runId, ended);
    return { ...running, ...ended };
  }

  async #withWait(
    { service, environment }: BoardPlace,
    one: BoardPlace['entering'][number],
    untilMs: number,
  ): Promise<BoardPlace['entering'][number]> {
    const status = await this.#ask({ workflowId: promotionId(service, one.version, environment) }, untilMs);
    return status?.waiting === undefined ? one : { ...one, waiting: status.waiting };
  }

  #ask(run: Run, untilMs: number): Promise<PromotionStatus | undefined> {
    const name = `${run.workflowId}/${run.runId ?? ''}`;
    const asked = this.#asked.get(name) ?? this.#query(run, untilMs).finally(() => this.#asked.delete(name));
    this.#asked.set(name, asked);
    return asked;
  }

  #query({ workflowId, runId }: Run, untilMs: number): Promise<PromotionStatus | undefined> {
    return this.#atOnce(async () => {
      const now = Date.now();
      if (now >= untilMs || now < this.#silentUntilMs) return undefined;
      const deadline = now + Math.min(ANSWER_MS, this.#engine.callTimeoutMs);
      try {
        const status = await this.#engine.connection.withDeadline(deadline, () =>
          this.#engine.temporal.workflow.getHandle(workflowId, runId).query<PromotionStatus, []>(statusQuery.name),
        );
        this.#heardMs = Date.now();
        return status;
      } catch (error) {
        // one that is silent while others answer is silent alone
        if (this.#heardMs < now && saysNobodyAnswers(error)) this.#silentUntilMs = Date.now() + SILENT_MS;
        return undefined;
      }
    });
  }

  /** What another version has taken the place of is asked for by nobody any more. */
  #forgetAllBut(places: readonly BoardPlace[]): void {
    if (this.#ended.size <= MOST_REMEMBERED) return;
    const there = new Set(places.map(({ running }) => running?.runId));
    for (const runId of this.#ended.keys()) if (!there.has(runId)) this.#ended.delete(runId);
  }
}

const MOST_REMEMBERED = 1_000;

/** At each place those that have waited longest; every place has its turn before one has its second. */
function firstToAsk(places: readonly BoardPlace[]): ReadonlySet<unknown> {
  const ranked = places.flatMap(({ entering }) =>
    entering
      .filter(({ waitingFor }) => waitingFor !== undefined)
      .toSorted((a, b) => a.since.localeCompare(b.since))
      .slice(0, MOST_WAITS)
      .map((one, rank) => ({ one, rank })),
  );
  const first = ranked.toSorted((a, b) => a.rank - b.rank).slice(0, MOST_WAITS);
  return new Set(first.map(({ one }) => one));
}

function endedAs(status: PromotionStatus): Ended {
  const yes = status.approval?.given.filter((one) => one.decision === 'approve') ?? [];
  const health = healthSeenBy(status);
  return {
    digest: status.image.digest,
    requestedBy: status.requestedBy,
    approvedBy: yes.map((one) => one.approver),
    ...(health === undefined ? {} : { health }),
  };
}

/** Undefined where the step did not come to an end: then it was not released either. */
function healthSeenBy({ workflowId: by, steps, plan }: PromotionStatus): HealthSeen | undefined {
  const step = steps.find((one) => one.step === 'health');
  if (step?.state === 'skipped') {
    const why = plan?.steps.find((one) => one.step === 'health')?.skipped;
    return { state: 'not-looked-at', by, said: why ?? step.summary ?? step.does };
  }
  if (step?.state !== 'done' || step.endedAt === undefined) return undefined;
  return { state: 'well', at: step.endedAt, by, said: step.summary ?? step.does };
}
