/** Gates that did not say yes when they were asked last, as the step that asked them left it. */
import type { PromotionStatus } from '../../contract/status.ts';

export interface ClosedGate {
  readonly name: string;
  /** What it said. */
  readonly said: string;
}

export function closedGates({ steps }: PromotionStatus): readonly ClosedGate[] {
  const facts = steps.find((one) => one.step === 'gates')?.facts ?? {};
  return Object.entries(facts)
    .filter(([, said]) => /^(?:no|wait)\b/.test(said))
    .map(([name, said]) => ({ name, said }));
}
