/** Views of releases, as short as tests want them. */
import type { ReleaseView } from '../../../src/client/index.ts';
import type { PromotionStatus, ReleaseStatus, StepStatus } from '../../../src/contract/status.ts';
import { digestFromHex } from '../../../src/domain/digest.ts';

export const DIGEST = digestFromHex('ab'.repeat(32));
export const PLAN = digestFromHex('cd'.repeat(32));
export const AT = '2026-11-23T08:00:00.000Z';

export function aRelease(fields: Partial<ReleaseStatus> = {}): ReleaseStatus {
  return {
    format: 1,
    kind: 'release',
    workflowId: 'release/iam/1.0.0',
    service: 'iam',
    version: '1.0.0',
    requestedImage: `iam@${DIGEST}`,
    image: { repository: 'iam', digest: DIGEST },
    manifests: PLAN,
    requestedBy: 'pipeline',
    startedAt: AT,
    phase: 'promoting',
    legs: [
      { environment: 'dev', workflowId: 'promotion/iam/1.0.0/dev', state: 'running' },
      { environment: 'production', workflowId: 'promotion/iam/1.0.0/production', state: 'pending' },
    ],
    ...fields,
  };
}

export function aPromotion(fields: Partial<PromotionStatus> = {}): PromotionStatus {
  return {
    format: 1,
    kind: 'promotion',
    workflowId: 'promotion/iam/1.0.0/dev',
    service: 'iam',
    version: '1.0.0',
    environment: 'dev',
    image: { repository: 'iam', digest: DIGEST },
    requestedBy: 'pipeline',
    phase: 'working',
    startedAt: AT,
    steps: [],
    refusedAnswers: [],
    undoPlan: [],
    ...fields,
  };
}

export function aStep(
  step: StepStatus['step'],
  state: StepStatus['state'],
  fields: Partial<StepStatus> = {},
): StepStatus {
  return { step, state, does: `do ${step}`, undo: `undo ${step}`, ...fields };
}

export function aView(fields: Partial<ReleaseView> = {}): ReleaseView {
  return { release: aRelease(), promotions: [aPromotion()], retrying: [], ...fields };
}
