/**
 * What the environments in which it is to have been healthy say themselves, asked each time before gates are asked: it may have been taken
 * away there since this release has left them, and only their own workers see that.
 */
import { isCancellation } from '@temporalio/workflow';
import type { Soaked } from '../../src/domain/gate.ts';
import { neighbourActivities } from './activity-options.ts';
import type { PromotionRun } from './run.ts';
import { refusalFrom } from './trouble.ts';

/** Undefined: no gate wants to know, and there is nothing to wait for. Asked twice, the later answer counts. */
export function askSoaked(run: PromotionRun): Promise<void> | undefined {
  return run.soaksIn.length === 0 ? undefined : askEach(run);
}

async function askEach(run: PromotionRun): Promise<void> {
  run.soaked = await Promise.all(run.soaksIn.map((environment) => ask(run, environment)));
}

/** Who cannot be asked has not said that all is well: the gate waits. */
async function ask({ input }: PromotionRun, environment: string): Promise<Soaked> {
  const { service, version, image, timing } = input;
  const summary = `whether ${version} is healthy in ${environment} still`;
  const request = { service, environment, version, digest: image.digest };
  try {
    return await neighbourActivities(environment, timing).findSoaked.executeWithOptions({ summary }, [request]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { environment, unknown: refusalFrom(error).message };
  }
}
