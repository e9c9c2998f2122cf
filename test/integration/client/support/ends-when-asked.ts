/** A workflow that answers an update with its last words, and ends in the same task. */
import { condition, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';

export const endUpdate = defineUpdate<string, [string]>('end');
export const noiseSignal = defineSignal('noise');

export async function endsWhenAsked(): Promise<string[]> {
  const asked: string[] = [];
  setHandler(noiseSignal, () => undefined);
  setHandler(endUpdate, (by) => {
    asked.push(by);
    return `${by} ended it`;
  });
  await condition(() => asked.length > 0, '1 minute');
  return asked;
}
