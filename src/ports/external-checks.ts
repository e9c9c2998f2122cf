/** Asking somebody outside whether a gate may open. */
import type { ExternalAnswer, GateFacts } from '../domain/gate.ts';

export interface ExternalChecks {
  /**
   * `gate` is the name of an external gate of this environment. Never throws for what the other side does, or for a secret that
   * is missing: whatever is no clear answer is `unknown`, with a reason without secrets.
   */
  ask(gate: string, facts: GateFacts): Promise<ExternalAnswer>;
}
