/** By what a set of manifests is judged, and what is found. */
import type { Problem } from '../domain/error-code.ts';
import type { ManifestRules } from '../domain/manifest-rules.ts';

export interface Judging {
  /** Whose rules they are. */
  readonly environment: string;
  /** `judged-before`: it has run there, and is what it was; what is asked of new manifests today keeps nobody from going back. */
  readonly rules: ManifestRules | 'judged-before';
}

export interface ManifestProblem extends Problem {
  /** Nothing is wrong with it in itself: the environment's rules do not take it. */
  readonly notAllowed?: true;
}
