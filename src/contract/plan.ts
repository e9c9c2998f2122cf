/** The plan of one promotion: what will be done and how it would be undone, named by its digest. Additive only. */
import type { GateVerdict, RunningVersion, Soaked } from '../domain/gate.ts';
import type { ProvenFacts } from '../domain/approval.ts';
import type { ProofVerdict } from '../domain/proof.ts';
import type { ApprovalRule, HealthRule } from '../domain/rulebook.ts';
import type { TurnPolicy } from '../domain/turns.ts';
import type { StepName } from '../domain/step.ts';
import type { ManifestChanges } from '../domain/manifest-change.ts';
import type { ObjectRef } from '../domain/manifest-object.ts';
import type { Spent } from '../domain/spent-statements.ts';
import type { Adopted } from './adoption-workflow.ts';

export interface WireImage {
  readonly repository: string;
  /** `sha256:…`; parsed by whoever receives it. */
  readonly digest: string;
}

export interface PlannedStep {
  readonly step: StepName;
  /** One line for people: "import iam@sha256:ab12… → onestreamprod". */
  readonly does: string;
  /** One line, or why there is nothing to undo. */
  readonly undo: string;
  /** Present when the step has nothing to do here, with the reason. */
  readonly skipped?: string;
}

/** Everything that people approve. Its digest is SHA-256 over canonical JSON (RFC 8785). */
export interface PromotionPlan {
  readonly format: 1;
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** The environment whose registry holds the image; equal to `environment` for the first one of a path. */
  readonly source: string;
  readonly sourceRegistry: string;
  readonly targetRegistry: string;
  readonly image: WireImage;
  /** Digest of the manifest artefact, stored in the image's repository as its referrer. */
  readonly manifests: string;
  readonly namespace: string;
  readonly workloads: readonly string[];
  readonly lockImages: boolean;
  readonly firstRelease: 'remove' | 'leave';
  readonly approval?: ApprovalRule;
  readonly rollOutTimeoutMs: number;
  readonly health?: HealthRule;
  readonly steps: readonly PlannedStep[];
  readonly policyVersion: string;
  /** In which way promotions of one service take turns there. Undefined in plans of older engines: they do not. */
  readonly turns?: TurnPolicy;
  /** Back to what ran well there before: no gate is asked, only people. */
  readonly rollback?: true;
  /** The version that the roll-back takes away, where nobody named the one to go back to: when another one runs by then, nothing is done. */
  readonly awayFrom?: string;
  /** The roll-back is a rehearsal: what it takes away stays good, and comes back. */
  readonly rehearsal?: true;
  /** Who made the image, as its provenance says, where a group may not answer for its own work. */
  readonly authors?: readonly string[];
  /** What the promotion replaces, where approvals are void when something else runs there by then. */
  readonly onTopOf?: string;
}

/** What the promotion would replace, observed when the plan is made and once more before anything is done. */
export interface Baseline {
  /** The last promotion that ended well here, if any. */
  readonly current?: PromotionRecord;
  /** The target registry had the manifest already. */
  readonly imagePresent: boolean;
  /** The target registry's tag of this version meant this digest already. */
  readonly tagPresent: boolean;
  readonly imageLocked: boolean;
  /** Objects of the manifests that the cluster had already, whoever applied them. */
  readonly existing: readonly ObjectRef[];
  /** What goes with the image and was in the target registry already. Undefined: nothing was, or nobody looked. */
  readonly beside?: readonly BesideBefore[];
}

/** A manifest of an index, or one that refers to the image or its manifests. */
export interface BesideBefore {
  readonly digest: string;
  /** It could not be deleted then. */
  readonly kept?: true;
}

/** What a promotion that ended well leaves in its environment; the next one's way back. */
export interface PromotionRecord {
  readonly format: 1;
  readonly service: string;
  readonly version: string;
  readonly image: WireImage;
  readonly manifests: string;
  readonly objects: readonly ObjectRef[];
  /** ISO 8601. */
  readonly since: string;
  readonly workflowId: string;
  readonly approvedBy: readonly string[];
  readonly requestedBy: string;
  /** Digest of the manifest that holds the signed form, beside the image; undefined: the environment signs none, or has not yet. */
  readonly signed?: string;
  /** Present when no promotion brought it there: it ran before Sluice, and was taken into management as it was. */
  readonly adopted?: Adopted;
}

/** A version that ran well in an environment, with everything that is needed to bring it there again. */
export interface KnownGood {
  readonly version: string;
  readonly image: WireImage;
  readonly manifests: string;
  /** ISO 8601: when it entered first. */
  readonly since: string;
  /** ISO 8601: when a roll-back took it away; it is gone back to only when it is named. */
  readonly rolledBackAt?: string;
  /** ISO 8601: when a roll-back brought it there again; undefined: none has. */
  readonly broughtBackAt?: string;
}

/** What the environment itself remembers of the promotion that it let in last: nothing else may change the service there. */
export interface Admission extends Spent {
  readonly format: 1;
  readonly planDigest: string;
  /** Digest of the baseline that was observed then: the only way back. */
  readonly baselineDigest: string;
  readonly workflowId: string;
  readonly runId: string;
  /** ISO 8601. */
  readonly at: string;
  /** Number of the lease under which it was let in; undefined: none was asked for. */
  readonly fence?: number;
  /** Present once the promotion has ended well: then it may change nothing any more. */
  readonly endedAt?: string;
  /** By what it was let in, for its signed record; undefined where the environment signs none. */
  readonly decided?: Decided;
  /** Digest of the manifests that it has applied and not taken back, for the same. */
  readonly applied?: string;
  /** What its registry was asked to import for it, for the same: the image first. */
  readonly imports?: readonly ImportedHere[];
}

export interface ImportedHere {
  readonly digest: string;
  /** As the registry itself calls it. */
  readonly operation: string;
}

/** What the environment judged itself when it let a promotion in. */
export interface Decided {
  /** The name against which it was judged whose own release it is. */
  readonly requestedBy: string;
  readonly verdicts: readonly Omit<ProofVerdict, 'refusal'>[];
  readonly gates: readonly Pick<GateVerdict, 'gate' | 'answer' | 'reason' | 'overriddenBy'>[];
  readonly approvals: readonly DecidedAnswer[];
  readonly overrides: readonly DecidedAnswer[];
}

/** An answer that was verified. The statement itself travels with the workflow; only this one is believed. */
export interface DecidedAnswer extends Pick<ProvenFacts, 'proof' | 'groups' | 'signedAt'> {
  /** Digest of what was said. */
  readonly said: string;
  readonly approver: string;
}

/** What a release says of itself for gates, and what it has reached before. */
export interface Entry {
  readonly ticket?: string;
  /** It asked to go back to an older version. */
  readonly allowOlder?: boolean;
  /** The environments that it has entered on its way here, each with the moment in which it was proven well there. */
  readonly passed: readonly RunningVersion[];
  /** What those in which it is to have been healthy say themselves, asked just before the gates. Undefined: none was asked. */
  readonly soaked?: readonly Soaked[];
}

export interface PlannedPromotion {
  readonly plan: PromotionPlan;
  readonly planDigest: string;
  readonly baseline: Baseline;
  /**
   * What would change in the cluster, for people: beside the plan and not in it, so its digest says nothing of it; what is bound are the
   * digests of both versions. Undefined before the manifests are published, and from engines that did not compare.
   */
  readonly changes?: ManifestChanges;
}
