/** The library for pipelines and people: everything that can be said to a release engine. */
import type { AdoptionReport } from '../contract/adoption-workflow.ts';
import type { RestraintAnswer } from '../contract/environment-workflow.ts';
import type { CheckAnswer, GuardianPlace } from '../contract/guardian-workflow.ts';
import type { RollbackResult } from '../contract/rollback-workflow.ts';
import type { CommandAnswer } from '../contract/promotion-workflow.ts';
import type { PromotionStatus } from '../contract/status.ts';
import type { ForecastResult, ReleaseResult } from '../contract/release-workflow.ts';
import type { ObservationResult } from '../contract/observation-workflow.ts';
import type { Evidence } from '../evidence/gather.ts';
import { type AdoptedService, adoptService, type AdoptServiceRequest, lookToAdopt, type LookRequest } from './adopt.ts';
import { type Audit, type AuditRequest, readAudit } from './audit.ts';
import { type AnswerRequest, type GivenAnswer, answer } from './answers.ts';
import { type BoardPlace, type BoardRequest, Places, underWay } from './board.ts';
import { CloserLook } from './closer-look.ts';
import { type CommandRequest, tellPromotion, tellRelease } from './commands.ts';
import { type ConnectOptions, openEngine } from './connect.ts';
import { type DeskReport, Desks } from './desks.ts';
import type { ReleaseKey } from './engine.ts';
import {
  type EnvironmentView,
  lift,
  type RestrainRequest,
  type RestraintScope,
  readEnvironment,
  restrain,
} from './environments.ts';
import { type EvidenceRequest, exportEvidence } from './evidence.ts';
import { type ForecastRequest, forecast } from './forecast.ts';
import {
  checkNow,
  type GuardianRequest,
  guardiansIn,
  type GuardianView,
  readGuardians,
  withDrifts,
} from './guardians.ts';
import { type Metrics, type MetricsRequest, readMetrics, readTimes, type TimesRequest } from './metrics.ts';
import { type ListRequest, type PageRequest, type ReleasePage, listPage, listReleases } from './list.ts';
import type { ListedRelease } from './listed-release.ts';
import { type GivenOverride, type OverrideRequest, override } from './overrides.ts';
import { lastObservation, observe, type ObserveRequest } from './observation.ts';
import { readPromotionStatus } from './promotion-status.ts';
import {
  readRollback,
  type RollbackRequest,
  type RollbackView,
  rollbacksIn,
  type StartedRollback,
  startRollback,
  waitForRollback,
} from './roll-back.ts';
import {
  finishRehearsal,
  readRehearsal,
  type RehearsalPlace,
  type RehearsalRequest,
  type RehearsalView,
  type StartedRehearsal,
  startRehearsal,
  watchRehearsal,
} from './rehearsals.ts';
import { type StartRequest, type StartedRelease, startRelease } from './start-release.ts';
import { type ReleaseView, readStatusAndDrift } from './status.ts';
import { type PromotionKey, runningPromotion } from './waiting-promotion.ts';
import { waitForOutcome } from './wait.ts';
import { type WatchOptions, watchRelease } from './watch.ts';
import type { FollowOptions, WatchEvent } from './following.ts';
import { type WatchRollbackOptions, watchRollback } from './watch-rollback.ts';

/** Every function rejects with a `ReleaseEngineError` only. */
export interface ReleaseClient {
  /** Starts the release, or attaches to the one with the same service, version and content. */
  startRelease(request: StartRequest): Promise<StartedRelease>;
  /** Plans without changing anything. */
  forecast(request: ForecastRequest): Promise<ForecastResult>;
  /** The whole journey with every effect replaced by a check: changes nothing, asks and tells nobody. */
  observe(request: ObserveRequest): Promise<ObservationResult>;
  /** The newest observation of that version. Needs no worker. */
  observation(key: ReleaseKey): Promise<ObservationResult>;
  status(key: ReleaseKey): Promise<ReleaseView>;
  /** Everything that has happened, then everything that happens, until the outcome. */
  watch(key: ReleaseKey, options?: WatchOptions): AsyncGenerator<WatchEvent, ReleaseView | undefined>;
  list(request?: ListRequest): Promise<readonly ListedRelease[]>;
  /** One page of the list, and where the next one begins. */
  page(request?: PageRequest): Promise<ReleasePage>;
  /** The board with what promotions themselves say: people's names, health, and why those on their way wait, as far as a worker answers soon. */
  board(request?: BoardRequest): Promise<readonly BoardPlace[]>;
  /** The board from the visibility store alone: needs no worker. */
  places(request?: BoardRequest): Promise<readonly BoardPlace[]>;
  /** How many promotions are under way there. */
  underWay(request?: BoardRequest): Promise<number>;
  approve(request: Omit<AnswerRequest, 'decision'>): Promise<GivenAnswer>;
  reject(request: Omit<AnswerRequest, 'decision'>): Promise<GivenAnswer>;
  /** The release; with an environment the promotion into it, also one that brings the version back. So `resume` and `abort`. */
  pause(request: PromotionKey & CommandRequest): Promise<CommandAnswer>;
  resume(request: PromotionKey & CommandRequest): Promise<CommandAnswer>;
  abort(request: PromotionKey & CommandRequest): Promise<CommandAnswer>;
  retry(request: PromotionKey & CommandRequest): Promise<CommandAnswer>;
  rollBack(request: PromotionKey & CommandRequest): Promise<CommandAnswer>;
  /** Lets the promotion pass closed gates. */
  override(request: OverrideRequest): Promise<GivenOverride>;
  /** Pauses everything in scope at its next safe point and lets nothing in, until it ends by itself. */
  stop(request: RestrainRequest): Promise<RestraintAnswer>;
  thaw(request: RestraintScope & { readonly reason?: string }): Promise<RestraintAnswer>;
  /** Lets no new version of the service in until the hold is lifted. */
  hold(request: RestrainRequest): Promise<RestraintAnswer>;
  liftHold(request: RestraintScope & { readonly reason?: string }): Promise<RestraintAnswer>;
  /** Brings an environment back to what ran well there before, and holds the service there. */
  startRollback(request: RollbackRequest): Promise<StartedRollback>;
  /** The newest one of the service there. */
  rollback(service: string, environment: string): Promise<RollbackView>;
  /** Those under way there. */
  rollbacks(environment: string): Promise<readonly RollbackView[]>;
  /** The newest one: everything that has happened, then everything that happens, until its outcome. */
  watchRollback(
    service: string,
    environment: string,
    options?: WatchRollbackOptions,
  ): AsyncGenerator<WatchEvent, RollbackView | undefined>;
  /** Looks whether the way back works, or goes it and comes back. */
  startRehearsal(request: RehearsalRequest): Promise<StartedRehearsal>;
  /** The rest of one that has not come forward again. */
  finishRehearsal(place: Pick<RehearsalPlace, 'service' | 'environment'>): Promise<StartedRehearsal>;
  /** The newest one of the service there. */
  rehearsal(place: RehearsalPlace): Promise<RehearsalView>;
  watchRehearsal(
    place: RehearsalPlace,
    options?: FollowOptions<RehearsalView>,
  ): AsyncGenerator<WatchEvent, RehearsalView | undefined>;
  /** Of its newest run: also of one that brings back a version whose release nobody remembers any more. */
  promotion(key: ReleaseKey & { readonly environment: string }): Promise<PromotionStatus>;
  waitForRollback(service: string, environment: string): Promise<RollbackResult>;
  environment(name: string): Promise<EnvironmentView>;
  /** What restrains every environment (or this one) and who waits there, as far as a worker answers at once. */
  desks(environment?: string): Promise<DeskReport>;
  /** What they have found, and when each looked last: needs no worker. */
  guardians(request?: GuardianRequest): Promise<readonly GuardianView[]>;
  /** Has one look now. */
  checkGuardian(place: GuardianPlace): Promise<CheckAnswer>;
  /** Resolves with the outcome, days later if need be. */
  wait(key: ReleaseKey, signal?: AbortSignal): Promise<ReleaseResult>;
  /** What a service is that runs somewhere without Sluice, and what is missing for adopting it. Changes nothing. */
  lookToAdopt(request: LookRequest): Promise<AdoptionReport>;
  /** Remembers what runs there as what Sluice goes back to, by a signed word for just what was found. Touches nothing that runs. */
  adopt(request: AdoptServiceRequest): Promise<AdoptedService>;
  /** Who did what, when, to what and why, and where that trail breaks off. Needs no worker. */
  audit(request?: AuditRequest): Promise<Audit>;
  /** The success figures and DORA's from what has ended between two moments. Needs no worker. */
  metrics(request: MetricsRequest): Promise<Metrics>;
  /** How long promotions into an environment took without their waits, by service. Needs no worker. */
  times(request: TimesRequest): Promise<ReadonlyMap<string, number>>;
  /** Everything that is known of a release as one file, the same for the same state. Needs no worker. */
  evidence(request: EvidenceRequest): Promise<Evidence>;
  close(): Promise<void>;
}

/** Throws `temporal-unreachable` within five seconds. Close it when done. */
export async function connect(options: ConnectOptions): Promise<ReleaseClient> {
  const engine = await openEngine(options);
  const places = new Places(engine);
  const closer = new CloserLook(engine);
  const desks = new Desks(engine);
  return {
    startRelease: (request) => startRelease(engine, request),
    forecast: (request) => forecast(engine, request),
    observe: (request) => observe(engine, request),
    observation: (key) => lastObservation(engine, key),
    status: (key) => readStatusAndDrift(engine, key),
    watch: (key, watchOptions) => watchRelease(engine, key, watchOptions),
    list: (request) => listReleases(engine, request),
    page: (request) => listPage(engine, request),
    board: async (request = {}) => {
      const { newest: _, ...place } = request;
      const [board, drifted] = await Promise.all([
        places.read(request).then((found) => closer.at(found)),
        guardiansIn(engine, { ...place, drifted: true }),
      ]);
      return withDrifts(board, drifted);
    },
    places: (request) => places.read(request),
    underWay: (request) => underWay(engine, request),
    approve: (request) => answer(engine, { ...request, decision: 'approve' }),
    reject: (request) => answer(engine, { ...request, decision: 'reject' }),
    pause: (request) => tellRelease(engine, 'pause', request),
    resume: (request) => tellRelease(engine, 'resume', request),
    abort: (request) => tellRelease(engine, 'abort', request),
    retry: (request) => tellPromotion(engine, 'retry', request),
    rollBack: (request) => tellPromotion(engine, 'rollBack', request),
    override: (request) => override(engine, request),
    stop: (request) => restrain(engine, 'stop', request),
    thaw: (request) => lift(engine, 'stop', request),
    hold: (request) => restrain(engine, 'hold', request),
    liftHold: (request) => lift(engine, 'hold', request),
    startRollback: (request) => startRollback(engine, request),
    rollback: (service, environment) => readRollback(engine, service, environment),
    rollbacks: (environment) => rollbacksIn(engine, environment),
    watchRollback: (service, environment, watchOptions) => watchRollback(engine, service, environment, watchOptions),
    startRehearsal: (request) => startRehearsal(engine, request),
    finishRehearsal: (place) => finishRehearsal(engine, place),
    rehearsal: (place) => readRehearsal(engine, place),
    watchRehearsal: (place, watchOptions) => watchRehearsal(engine, place, watchOptions),
    promotion: async (key) => readPromotionStatus(engine, { workflowId: await runningPromotion(engine, key) }),
    waitForRollback: (service, environment) => waitForRollback(engine, service, environment),
    environment: (name) => readEnvironment(engine, name),
    desks: (environment) => desks.read(environment),
    guardians: (request) => readGuardians(engine, request),
    checkGuardian: (place) => checkNow(engine, place),
    wait: (key, signal) => waitForOutcome(engine, key, signal),
    lookToAdopt: (request) => lookToAdopt(engine, request),
    adopt: (request) => adoptService(engine, request),
    audit: (request) => readAudit(engine, request),
    metrics: (request) => readMetrics(engine, request),
    times: (request) => readTimes(engine, request),
    evidence: (request) => exportEvidence(engine, request),
    close: () => engine.close(),
  };
}
