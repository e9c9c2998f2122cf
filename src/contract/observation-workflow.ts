/**
 * Workflow `observation`: a whole journey with every effect replaced by a check. Id `observation/<service>/<version>`, each time a run of its
 * own; a release of the same version knows nothing of it. Additive only.
 */
import type { ManifestChanges } from '../domain/manifest-change.ts';
import type { ObservedAnswer, ObservedVerdict } from '../domain/observed.ts';
import type { Refusal } from '../domain/error-code.ts';
import type { StepName } from '../domain/step.ts';
import type { No, StepRequest, Yes } from './activities.ts';
import type { WireImage } from './plan.ts';
import type { ReleaseInput } from './release-workflow.ts';

export const OBSERVATION = 'observation';

export interface ObservationInput extends Omit<ReleaseInput, 'priority' | 'built'> {
  /** The manifests themselves: tar, gzipped, base64; the values of Secrets are left out. Nothing is published for an observation. */
  readonly files: string;
}

/** Memo of an observation: what it was started with, without the files. */
export type ObservationMemo = Omit<ObservationInput, 'files'>;

export interface ObservedStep {
  readonly step: StepName;
  /** What the promotion would do, as its plan says it. */
  readonly does: string;
  readonly answer: ObservedAnswer;
  /** One sentence: what was looked at in place of doing it, and what was seen. */
  readonly says: string;
  /** ISO 8601, of a wait: when it would be asked again. */
  readonly until?: string;
  readonly refusal?: Refusal;
}

/** What runs there now, by whoever brought it, against what Sluice would have brought. */
export interface ObservedLive {
  /** `unknown`: it could not be found out. */
  readonly digest: 'same' | 'other' | 'nothing' | 'unknown';
  readonly objects: 'same' | 'other' | 'nothing' | 'unknown';
  readonly says: string;
  /** As the pods' templates name it. */
  readonly images?: readonly string[];
  /** What the nodes say that they run. */
  readonly digests?: readonly string[];
}

export interface ObservedEnvironment {
  readonly environment: string;
  readonly source: string;
  readonly verdict: ObservedVerdict;
  /** The first that would keep it out. */
  readonly refusal?: Refusal;
  readonly planDigest?: string;
  /** The version that Sluice would have replaced: undefined where it has brought none. */
  readonly replaces?: string;
  readonly steps: readonly ObservedStep[];
  readonly live?: ObservedLive;
  readonly changes?: ManifestChanges;
}

export interface ObservationResult {
  readonly format: 1;
  readonly kind: 'observation';
  readonly workflowId: string;
  readonly runId: string;
  readonly service: string;
  readonly version: string;
  readonly image?: WireImage;
  readonly manifests: string;
  readonly requestedBy: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly verdict: ObservedVerdict;
  /** Why, in one sentence. */
  readonly reason: string;
  readonly refusal?: Refusal;
  readonly environments: readonly ObservedEnvironment[];
}

/** `attention`: the step would not be refused, it would stand until somebody mends this. */
export type Looked = Yes | (No & { readonly attention?: true });

export interface ObserveImageRequest {
  /** Whose workers look. */
  readonly environment: string;
  readonly service: string;
  readonly image: WireImage;
  readonly manifests: string;
  /** In whose registry. */
  readonly at: string;
  /** Which environment's rules it is held against. */
  readonly rulesOf: string;
}

export type ObserveImageAnswer =
  /** `registry`: its host. */
  | { readonly found: false; readonly registry: string }
  | {
      readonly found: true;
      readonly registry: string;
      readonly proofs: Looked;
      /** Everything that an import would bring, and whether the registry has all of it. */
      readonly content: Looked;
    };

export interface ObserveRegistryAnswer {
  readonly import: Looked;
  readonly pull: Looked;
}

export interface ObserveClusterRequest extends StepRequest {
  readonly files: string;
}

export interface ObserveClusterAnswer {
  readonly apply: Looked;
  readonly changes?: ManifestChanges;
  readonly live: ObservedLive;
  /** One question, not as many as the rule allows; undefined: there is no address to ask. */
  readonly health?: Looked;
}
