/**
 * The activities that workflows ask for, as interfaces only: `activities/` implements them, `workflows/` calls them,
 * and neither sees the other. Every answer is data; a "no" is an answer, a failure is an ApplicationFailure whose type
 * is an ErrorCode. One object in, one object out, so that fields can be added.
 */
import type { ApprovalStatement, GivenApproval, ProvenFacts } from '../domain/approval.ts';
import type { Refusal } from '../domain/error-code.ts';
import type { GateVerdict, Soaked } from '../domain/gate.ts';
import type { Interest, SluiceEvent } from '../domain/notification.ts';
import type { Restraint, RestraintKind } from '../domain/restraint.ts';
import type { Timing } from '../domain/rulebook.ts';
import type { Lease, LeaseRequest } from '../domain/turns.ts';
import type { Unread } from '../domain/unread.ts';
import type { AdoptAnswer, AdoptionReport, AdoptionRequest, AdoptionWord } from './adoption-workflow.ts';
import type { KeepEvidenceRequest } from './evidence-workflow.ts';
import type { LookAnswer, LookRequest } from './guardian-workflow.ts';
import type {
  ObserveClusterAnswer,
  ObserveClusterRequest,
  ObserveImageAnswer,
  ObserveImageRequest,
  ObserveRegistryAnswer,
} from './observation-workflow.ts';
import type { LeaseReply, LeaseReturn, LiftCommand, RestrainCommand, RunningHere } from './environment-workflow.ts';
import type { Baseline, Entry, KnownGood, PlannedPromotion, PromotionPlan, WireImage } from './plan.ts';
import type { AsItWasRequest, RehearsalCheck, WayBack, WayBackRequest } from './rehearsal-workflow.ts';
import type { StepStatus } from './status.ts';

export interface No {
  readonly ok: false;
  readonly refusal: Refusal;
}

/** What a finished step leaves: one line for people, facts by name for evidence. Small; large things go by digest. */
export interface Yes {
  readonly ok: true;
  readonly summary: string;
  readonly facts: Readonly<Record<string, string>>;
  /** ISO 8601, the worker's clock: when it was done. */
  readonly at?: string;
}

export type StepAnswer = Yes | No;

export interface JourneyRequest {
  readonly service: string;
  readonly version: string;
  /** Stop after this environment; undefined: the whole path. */
  readonly until?: string;
}

export type JourneyAnswer =
  | {
      readonly ok: true;
      readonly path: readonly string[];
      readonly timing: Timing;
      /** Who wants to hear of this release; undefined: nobody. */
      readonly notify?: readonly Interest[];
      /** Environments whose workers keep evidence in their registries; undefined: an older engine, where those do that sign records. */
      readonly keepsEvidence?: readonly string[];
    }
  | No;

/** Something said to an environment's desk, which is opened when there is none. */
export interface DeskRequest<Said> {
  readonly environment: string;
  readonly said: Said;
}

/** What the desk said: that it is lifted, or why there is nothing to lift. */
export interface LiftedAnswer {
  readonly lifted: boolean;
  readonly said: string;
}

/** Everything that is stopped or held in an environment, for those who are under way there: each hears what concerns its service. */
export interface TellRestraintsRequest {
  readonly restraints: readonly Restraint[];
  readonly holders: readonly Pick<Lease, 'service' | 'workflowId' | 'runId' | 'fence'>[];
}

export interface NotifyRequest {
  /** Its name in `sluice.yaml`: address and secret stay with the worker. */
  readonly receiver: string;
  readonly event: SluiceEvent;
}

/** Something that happened to an environment, which has no release that carries the names of those who want to hear of it. */
export interface AnnounceRequest {
  readonly event: SluiceEvent;
}

export interface ResolveRequest {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** `repository@sha256:…` or `repository:tag`. */
  readonly image: string;
  readonly manifests: string;
}

export type ResolveAnswer = { readonly ok: true; readonly image: WireImage } | No;

export interface PlanRequest {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly source: string;
  readonly image: WireImage;
  readonly manifests: string;
  /** False in a dry run whose manifests nobody has published: they are then checked by the caller. */
  readonly manifestsPublished: boolean;
  /** Only for a version that ran well in the environment before. */
  readonly rollback?: true;
  /** The version that is to be taken away: a roll-back that nobody named a target for is none any more when another one runs. */
  readonly awayFrom?: string;
  /** Only with a roll-back: it is rehearsed, and what it takes away stays good. */
  readonly rehearsal?: true;
}

export interface KnownGoodRequest {
  readonly service: string;
  readonly environment: string;
  /** Undefined: the one that ran well there before the present one, and was not taken away since. */
  readonly to?: string;
}

export type KnownGoodAnswer = (
  | {
      readonly ok: true;
      readonly known: KnownGood;
      /** The version that runs there; undefined: none is known to, or an older zone does not say. */
      readonly current?: string;
    }
  | No
) & {
  /** Who was let in last and has not ended well; whether it still runs is not known there. */
  readonly inside?: Inside;
};

export interface SoakedRequest {
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly digest: string;
}

export type PlanAnswer =
  | ({
      readonly ok: true;
      /** Groups whose members may let it pass a stop or a hold there. Undefined: an older zone, which does not say. */
      readonly mayPass?: MayPass;
      /** Environments that say themselves, each time gates are asked, whether it has been healthy there. Undefined: no gate wants to know. */
      readonly soaksIn?: readonly string[];
    } & PlannedPromotion)
  | No;

export type MayPass = Readonly<Partial<Record<RestraintKind, readonly string[]>>>;

/** Everything that restrains an environment now: takes the place of what was written down before. */
export interface RestraintsRequest {
  readonly environment: string;
  readonly restraints: readonly Restraint[];
  /** Services of which it is not known what they remember: that is left as it is. */
  readonly except?: readonly string[];
}

/** What an adoption asks to be written down. */
export interface AdoptRequest extends AdoptionRequest {
  readonly word: AdoptionWord;
}

export interface RecallRequest {
  readonly environment: string;
  /** Undefined: every one that the environment has. */
  readonly services?: readonly string[];
}

/** A promotion that was let in and has not ended well, as the environment remembers it; whether it still runs is not known there. */
export interface Inside {
  readonly service: string;
  readonly version: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly fence: number;
  /** ISO 8601. */
  readonly since: string;
}

/** What an environment remembers, for a desk that knows nothing. */
export interface RecallAnswer {
  readonly restraints: readonly Restraint[];
  readonly inside: readonly Inside[];
  readonly running: Readonly<Record<string, RunningHere>>;
  /** The largest number of a lease that anybody was let in under; 0: nobody was. */
  readonly fence: number;
  /** Services whose memory cannot be read; undefined: all could. */
  readonly unread?: Unread;
}

/** What every step and every undo receives. */
export interface StepRequest {
  readonly plan: PromotionPlan;
  readonly planDigest: string;
  readonly baseline: Baseline;
  readonly approvals: readonly GivenApproval[];
  readonly requestedBy: string;
  readonly workflowId: string;
  /** What gates may ask for. */
  readonly entry?: Entry;
  /** Signed words of people who let it pass closed gates. */
  readonly overrides?: readonly GivenApproval[];
  /** Number of the lease under which it acts. */
  readonly fence?: number;
}

/** What the gates say now. `wait` ends at `until`, or when something else happens; a "no" refuses the promotion. */
export type GatesAnswer =
  | {
      readonly ok: true;
      readonly answer: 'yes' | 'wait';
      readonly verdicts: readonly GateVerdict[];
      /** ISO 8601. */
      readonly until?: string;
    }
  | No;

/**
 * Let in, with the plan that holds now: another than the asked one was not let in, and people are asked again. `closed`: a gate
 * has closed since it was passed, and nothing was let in; `gates` says which, and when to ask again. Let in without `closed`, `gates`
 * says which stops and holds a roll-back has passed.
 */
export type AdmitAnswer = PlanAnswer & {
  readonly closed?: true;
  readonly gates?: GatesAnswer & { readonly ok: true };
  /** With a no: the yeses that were given do not suffice (any more), and people may be asked again; older engines end there. */
  readonly askAgain?: true;
};

export interface ApprovalRequest {
  readonly plan: PromotionPlan;
  readonly planDigest: string;
  readonly statement: ApprovalStatement;
  /** Undefined when an older engine asks. */
  readonly requestedBy?: string;
}

export interface OverrideRequest {
  readonly plan: PromotionPlan;
  readonly planDigest: string;
  readonly statement: ApprovalStatement;
  readonly requestedBy: string;
}

/** Without `proof` the subject is only a name. `jti` of a refusal: the statement was signed well, and is used up. */
export type ApprovalAnswer =
  | ({ readonly ok: true; readonly subject: string; readonly groups: readonly string[] } & ProvenFacts)
  | (No & { readonly jti?: string });

export interface RollOutRequest extends StepRequest {
  /** Which version must roll out: the new one, or the previous one on the way back. */
  readonly to: 'new' | 'previous';
}

export interface RecordRequest extends StepRequest {
  /** The steps so far, as the workflow knows them: told in the signed record as its word. Undefined: an older engine asks. */
  readonly steps?: readonly StepStatus[];
}

export interface SignatureRequest extends StepRequest {
  readonly at: 'source' | 'destination';
}

/** Queue `sluice`: configuration, desks and the secrets of webhooks, no credentials of an environment. */
export interface EngineActivities {
  readJourney(request: JourneyRequest): Promise<JourneyAnswer>;
  notify(request: NotifyRequest): Promise<StepAnswer>;
  /** Begins to tell whoever wants to hear of it, and answers who that is; twice is once. */
  announce(request: AnnounceRequest): Promise<{ readonly receivers: readonly string[] }>;
  /** Twice is once: who holds the lease already hears so again. */
  requestLease(request: DeskRequest<LeaseRequest>): Promise<LeaseReply>;
  /** A desk that is gone holds no lease, and is not opened for it. */
  returnLease(request: DeskRequest<LeaseReturn>): Promise<void>;
  restrain(request: DeskRequest<RestrainCommand>): Promise<void>;
  /** Twice is once: what is lifted already, or was never set, is not there. */
  lift(request: DeskRequest<LiftCommand>): Promise<LiftedAnswer>;
  /** Twice is once. Answers the run ids of those that are gone. Fails while somebody could not be told who may be there. */
  tellRestraints(request: TellRestraintsRequest): Promise<{ readonly gone: readonly string[] }>;
  /** Ids of those runs that have ended, were terminated, or are forgotten. Fails where the server cannot say of one. */
  whoHasEnded(request: {
    readonly runs: readonly { readonly workflowId: string; readonly runId: string }[];
  }): Promise<{ readonly ended: readonly string[] }>;
}

/** Queue `sluice-<environment>`: that environment's credentials. Each may run twice with one effect. */
export interface EnvironmentActivities {
  resolveImage(request: ResolveRequest): Promise<ResolveAnswer>;
  planPromotion(request: PlanRequest): Promise<PlanAnswer>;
  checkApproval(request: ApprovalRequest): Promise<ApprovalAnswer>;
  verifySignatures(request: SignatureRequest): Promise<StepAnswer>;
  checkGates(request: StepRequest): Promise<GatesAnswer>;
  /** Who lets it pass a closed gate, verified as every answer is. */
  checkOverride(request: OverrideRequest): Promise<ApprovalAnswer>;
  findKnownGood(request: KnownGoodRequest): Promise<KnownGoodAnswer>;
  /** Whether a roll-back would work, as far as looking tells. Changes nothing. */
  checkWayBack(request: WayBackRequest): Promise<WayBack>;
  /** Whether what ran is what runs: remembered, stated in the cluster, and proven. Changes nothing. */
  checkAsItWas(request: AsItWasRequest): Promise<{ readonly checks: readonly RehearsalCheck[] }>;
  /** Asked by a promotion into another environment, which has no eyes here. */
  findSoaked(request: SoakedRequest): Promise<Soaked>;
  writeRestraints(request: RestraintsRequest): Promise<StepAnswer>;
  /** What runs here without Sluice, and what is missing for taking it into management. Only looks. */
  lookToAdopt(request: AdoptionRequest): Promise<AdoptionReport>;
  /** Writes it down as what runs here, by a signed word for just what is found. Twice is once. */
  adopt(request: AdoptRequest): Promise<AdoptAnswer>;
  /** Fails when nothing can be read of any service. */
  recallEnvironment(request: RecallRequest): Promise<RecallAnswer>;
  /** The decision, made again where the credentials are; whatever changes something asks for it. */
  admit(request: StepRequest): Promise<AdmitAnswer>;
  importImage(request: StepRequest): Promise<StepAnswer>;
  verifyDigest(request: StepRequest): Promise<StepAnswer>;
  copySignatures(request: StepRequest): Promise<StepAnswer>;
  checkPullable(request: StepRequest): Promise<StepAnswer>;
  lockImage(request: StepRequest): Promise<StepAnswer>;
  applyManifests(request: StepRequest): Promise<StepAnswer>;
  rollOut(request: RollOutRequest): Promise<StepAnswer>;
  proveRunning(request: RollOutRequest): Promise<StepAnswer>;
  checkHealth(request: RollOutRequest): Promise<StepAnswer>;
  recordPromotion(request: RecordRequest): Promise<StepAnswer>;
  /** Fails, to be tried again, as long as the history is not whole. */
  keepEvidence(request: KeepEvidenceRequest): Promise<StepAnswer>;
  /** Looks round after round, and answers when there is something new; until then each attempt fails with `LookAgain`. Changes nothing. */
  lookAfter(request: LookRequest): Promise<LookAnswer>;
  // instead of doing it: these look, and change nothing
  observeImage(request: ObserveImageRequest): Promise<ObserveImageAnswer>;
  /** As `checkGates`, but nobody outside is asked. */
  observeGates(request: StepRequest): Promise<GatesAnswer>;
  observeRegistry(request: StepRequest): Promise<ObserveRegistryAnswer>;
  /** The API server is asked for a dry run. */
  observeCluster(request: ObserveClusterRequest): Promise<ObserveClusterAnswer>;
  // undo
  unlockImage(request: StepRequest): Promise<StepAnswer>;
  removeImage(request: StepRequest): Promise<StepAnswer>;
  restoreManifests(request: StepRequest): Promise<StepAnswer>;
}

export type Activities = EngineActivities & EnvironmentActivities;
