/**
 * Watches releases, roll-backs, promotions and notifications from outside, and tells whoever runs them what has ended: no command, nothing
 * in the history, nothing that the workflows know of. In a replay the same is seen again and told to nobody.
 */
import {
  type WorkflowExecuteInput,
  type WorkflowInterceptors,
  proxySinks,
  type Next,
  type WorkflowInboundCallsInterceptor,
  workflowInfo,
} from '@temporalio/workflow';
import { NOTIFICATION, type NotificationResult } from '../../src/contract/notification-workflow.ts';
import type { Observation, ObservationSinks } from '../../src/contract/observation.ts';
import { PROMOTION } from '../../src/contract/promotion-workflow.ts';
import { RELEASE } from '../../src/contract/release-workflow.ts';
import { ROLLBACK } from '../../src/contract/rollback-workflow.ts';
import { type Place, placeOf } from './place.ts';
import { endedRun } from './runs.ts';
import { observeSteps } from './step-ends.ts';
import { observeWaits } from './wait-ends.ts';

/** What the SDK asks each module of interceptors for, for each run. */
export function interceptors(): WorkflowInterceptors {
  const { workflowType } = workflowInfo();
  if (workflowType === NOTIFICATION) return { inbound: [{ execute: observeDeliveries }] };
  if (![RELEASE, ROLLBACK, PROMOTION].includes(workflowType)) return {};
  return observeRun();
}

function observeRun(): WorkflowInterceptors {
  // the run's own input says what it is about, and comes before anything happens in it
  let place: Place | undefined;
  const waits = observeWaits(() => place, tell);
  return {
    inbound: [
      {
        execute(input, next) {
          place = placeOf(workflowInfo(), input.args[0]);
          const startedMs = Date.now();
          const end = (result: unknown): void => {
            waits.end();
            if (place !== undefined) tell(endedRun(place, { startedMs, endedMs: Date.now() }, result));
          };
          const answered = next(input);
          answered.then(end, () => end(undefined));
          return answered;
        },
      },
    ],
    outbound: [observeSteps(() => place, tell)],
    internals: [waits.interceptor],
  };
}

function observeDeliveries(
  input: WorkflowExecuteInput,
  next: Next<WorkflowInboundCallsInterceptor, 'execute'>,
): Promise<unknown> {
  const { workflowId } = workflowInfo();
  const answered = next(input) as Promise<NotificationResult>;
  const told = ({ deliveries }: NotificationResult): void => {
    for (const { receiver, delivered } of deliveries)
      tell({ what: 'delivery', span: `${workflowId} ${receiver}`, receiver, delivered });
  };
  // a notification that failed has delivered nothing
  answered.then(told, () => undefined);
  return answered;
}

function tell(observation: Observation): void {
  proxySinks<ObservationSinks>().sluice.observed(observation);
}
