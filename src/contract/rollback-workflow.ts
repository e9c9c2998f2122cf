/** Workflow `rollback`: back to a version that ran well in an environment before. Id `rollback/<service>/<environment>`: one at a time. */
import { defineQuery } from '@temporalio/workflow';
import type { PromotionResult } from './promotion-workflow.ts';
import type { ReleaseMemo } from './release-workflow.ts';
import { ENVIRONMENT, SERVICE } from './search-attributes.ts';
import type { Outcome } from './status.ts';
import { ENGINE_QUEUE } from './task-queues.ts';
import { rollbackId } from './workflow-ids.ts';

export const ROLLBACK = 'rollback';

export interface RollbackInput {
  readonly service: string;
  readonly environment: string;
  /** The version to go back to; undefined: the one that ran well before the present one. */
  readonly to?: string;
  readonly reason: string;
  readonly requestedBy: string;
  /** Present when it is only rehearsed, with the version that runs there: when another one does by then, nothing is done. */
  readonly rehearsal?: { readonly awayFrom: string };
}

/** As the hold says it that a roll-back sets. */
export function reasonOfHold(to: string, reason: string): string {
  return `going back to ${to}: ${reason}`;
}

/** How whoever asks for it starts it. */
export function rollbackStart({ service, environment, to, requestedBy }: RollbackInput) {
  return {
    workflowId: rollbackId(service, environment),
    taskQueue: ENGINE_QUEUE,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    memo: { requestedBy } satisfies Pick<ReleaseMemo, 'requestedBy'>,
    typedSearchAttributes: [
      { key: SERVICE, value: service },
      { key: ENVIRONMENT, value: environment },
    ],
    staticSummary: `${environment} back to ${service} ${to ?? 'as it was'} · for ${requestedBy}`.slice(0, 200),
  };
}

export interface RollbackResult {
  readonly outcome: Outcome;
  /** Where it went back to; undefined when nothing was found. */
  readonly to?: string;
  /** ISO 8601: when that version was taken away by an earlier roll-back; undefined: it never was. */
  readonly rolledBackAt?: string;
  readonly promotion?: PromotionResult;
}

export interface RollbackStatus {
  readonly format: 1;
  readonly kind: 'rollback';
  readonly service: string;
  readonly environment: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly rehearsal?: { readonly awayFrom: string };
  readonly to?: string;
  /** ISO 8601: when that version was taken away by an earlier roll-back; undefined: it never was. */
  readonly rolledBackAt?: string;
  /** Workflow id of the promotion that brings it back; it is answered and ordered like any other. */
  readonly promotion?: string;
  /** Its run, once it has begun: an earlier one of the same id brought the version there first. */
  readonly runId?: string;
  readonly outcome?: Outcome;
  /** ISO 8601. */
  readonly endedAt?: string;
}

export const rollbackQuery = defineQuery<RollbackStatus>('status');
