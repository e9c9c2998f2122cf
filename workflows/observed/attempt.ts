/** A look that failed: what a promotion would stand still for, or be refused by. */
import { isCancellation } from '@temporalio/workflow';
import type { No } from '../../src/contract/activities.ts';
import { isFinal, refusalFrom } from '../steps/trouble.ts';

export type Failed = No & { readonly attention?: true };

export async function attemptOf<Answer>(look: () => Promise<Answer>): Promise<Answer | Failed> {
  try {
    return await look();
  } catch (error) {
    if (isCancellation(error)) throw error;
    const refusal = refusalFrom(error);
    return { ok: false, refusal, ...(isFinal(refusal) ? {} : { attention: true as const }) };
  }
}
