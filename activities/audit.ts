/**
 * What a zone refuses stands in its worker's log, out of reach of whoever talks to Temporal: one shape for all of it, which the SDK
 * completes with workflow, activity and queue. Who asks is as the server names it. The rest is as the request says it, and proves nothing.
 */
import { activityInfo, log } from '@temporalio/activity';
import type { Refusal } from '../src/domain/error-code.ts';

/** As it came over the wire: anybody can have written it. */
export type Asked = {
  readonly environment?: unknown;
  readonly plan?: { readonly [field in 'environment' | 'service' | 'version']?: unknown };
  readonly planDigest?: unknown;
  readonly requestedBy?: unknown;
  readonly statement?: { readonly approver?: unknown };
};

/** No word of a request is longer than this when it is honest. */
const LONGEST = 200;

export function audit(asked: Asked, { code, message }: Refusal): void {
  const { plan = {}, planDigest, requestedBy, statement } = asked;
  const said = {
    ...{ environment: plan.environment ?? asked.environment, service: plan.service, version: plan.version },
    ...{ planDigest, requestedBy, approver: statement?.approver },
  };
  const runId = activityInfo().workflowExecution?.runId;
  const words = Object.entries(said).filter((one) => one[1] !== undefined);
  log.warn(`refused: ${message.slice(0, 5 * LONGEST)}`, {
    audit: 'refused',
    code,
    runId,
    ...Object.fromEntries(words.map(bounded)),
  });
}

function bounded([name, value]: readonly [string, unknown]): readonly [string, string] {
  return [name, (typeof value === 'string' ? value : typeof value).slice(0, LONGEST)];
}
