/** What a check answers where nothing is done: also of trouble that a promotion would stand still for. */
import type { StepAnswer } from '../../src/contract/activities.ts';
import type { Looked } from '../../src/contract/observation-workflow.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { refusalOf } from '../failures.ts';
import { isEarly } from '../rehearsal.ts';

/** Trouble that may be a blink is left to the next attempt of the activity; what lasts is the answer. */
export async function looked(look: () => Promise<StepAnswer>): Promise<Looked> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof PortError) || (error.retry !== 'no' && isEarly())) throw error;
    return { ok: false, refusal: refusalOf(error), attention: true };
  }
}
