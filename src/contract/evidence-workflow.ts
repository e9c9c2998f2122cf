/** Workflow `evidence`: keeps the evidence of a release that has ended beside its image. Id `evidence/<service>/<version>`, of roll-backs with `/<environment>` behind. Additive only. */
import type { Timing } from '../domain/rulebook.ts';
import type { Refusal } from '../domain/error-code.ts';

export const EVIDENCE_WORKFLOW = 'evidence';

export interface EvidenceInput {
  readonly service: string;
  readonly version: string;
  /** The last environment that it has reached: its own worker writes, into its own registry. */
  readonly environment: string;
  /** What has ended: the release, or a roll-back to its version or away from it. Its history must be whole by then. */
  readonly of: { readonly workflowId: string; readonly runId: string };
  readonly timing: Timing;
  /** Where else, in this order, when that one cannot: environments that it reached before. Undefined: nowhere. */
  readonly further?: readonly string[];
}

export type EvidenceResult =
  | {
      readonly kept: true;
      readonly summary: string;
      /** `name` (digest of the index), `artefact` (digest of the manifest that holds it), `registry`. */
      readonly facts: Readonly<Record<string, string>>;
    }
  | { readonly kept: false; readonly refusal: Refusal };

/** What the activity is asked. */
export type KeepEvidenceRequest = Omit<EvidenceInput, 'timing' | 'further'>;
