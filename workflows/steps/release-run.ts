/** One release under way: what it was asked and what its `status` query answers. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Timing } from '../../src/domain/rulebook.ts';
import { WAITING_FOR } from '../../src/contract/search-attributes.ts';
import type { ReleaseInput } from '../../src/contract/release-workflow.ts';
import type { ReleaseLeg, ReleaseStatus } from '../../src/contract/status.ts';
import { releaseDetails } from './details.ts';
import { type Notices, openNotices } from './notices.ts';
import type { Command } from '../../src/contract/promotion-workflow.ts';
import { now } from './run.ts';

export interface ReleaseOrders {
  pause: (Command & { readonly untilMs: number; readonly since: string }) | undefined;
  abort: Command | undefined;
}

export interface ReleaseRun {
  readonly input: ReleaseInput;
  readonly orders: ReleaseOrders;
  readonly notices: Notices;
  status: ReleaseStatus;
  timing: Timing | undefined;
  /** Environments that keep evidence; undefined: not known. */
  keepers: readonly string[] | undefined;
}

export function openRelease(input: ReleaseInput): ReleaseRun {
  return {
    input,
    orders: { pause: undefined, abort: undefined },
    notices: openNotices(),
    timing: undefined,
    keepers: undefined,
    status: {
      format: 1,
      kind: 'release',
      workflowId: workflowInfo().workflowId,
      service: input.service,
      version: input.version,
      requestedImage: input.image,
      manifests: input.manifests,
      requestedBy: input.requestedBy,
      startedAt: now(),
      phase: 'resolving',
      legs: [],
    },
  };
}

export function changeRelease(run: ReleaseRun, fields: Partial<ReleaseStatus>): void {
  if (fields.waiting !== undefined) upsertSearchAttributes([{ key: WAITING_FOR, value: 'operator' }]);
  run.status = { ...run.status, ...fields };
  setCurrentDetails(releaseDetails(run.status));
}

export function resumeRelease(run: ReleaseRun): void {
  const { waiting: _, ...rest } = run.status;
  run.status = rest;
  upsertSearchAttributes([{ key: WAITING_FOR, value: null }]);
  changeRelease(run, { phase: run.status.image === undefined ? 'resolving' : 'promoting' });
}

export function changeLeg(run: ReleaseRun, environment: string, fields: Partial<ReleaseLeg>): void {
  changeRelease(run, {
    legs: run.status.legs.map((leg) => (leg.environment === environment ? { ...leg, ...fields } : leg)),
  });
}
