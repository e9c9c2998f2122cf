/** As a promotion of an older engine: it hears what restrains it, and answers nobody. */
import { condition, setHandler } from '@temporalio/workflow';
import { restraintsSignal } from '../../../../src/contract/environment-workflow.ts';

export async function hearsMessages(): Promise<unknown> {
  let heard: unknown;
  setHandler(restraintsSignal, (...said) => {
    heard = said;
  });
  await condition(() => heard !== undefined, '1 minute');
  return heard;
}
