/** What a release would do, and how it would be undone, without doing any of it. */
import { FORECAST, type ForecastInput, type ForecastResult } from '../contract/release-workflow.ts';
import { forecastId } from '../contract/workflow-ids.ts';
import type { Engine } from './engine.ts';
import { assertKey } from './keys.ts';
import { sharedAnswer } from './shared-answer.ts';

const PATIENCE_MS = 60_000;

export interface ForecastRequest extends Omit<ForecastInput, 'requestedBy'> {
  readonly requestedBy?: string;
  /** Environments whose workers have to answer; named in the error when they do not. */
  readonly environments?: readonly string[];
}

/** Throws `worker-missing`, `temporal-unreachable`, and what the plan's activities throw. */
export async function forecast(engine: Engine, request: ForecastRequest): Promise<ForecastResult> {
  assertKey(request);
  const { environments = [], ...rest } = request;
  const input: ForecastInput = { ...rest, requestedBy: request.requestedBy ?? engine.user };
  return sharedAnswer(engine, {
    workflow: FORECAST,
    workflowId: forecastId(input.service, input.version),
    input,
    memo: { input },
    summary: `plan of ${input.service} ${input.version}, changes nothing`,
    lifetime: '5 minutes',
    patienceMs: PATIENCE_MS,
    environments,
  });
}
