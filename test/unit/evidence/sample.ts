/** A promotion as it is recorded, of some image. */
import type { PromotionPlan } from '../../../src/contract/plan.ts';
import { digestOf, digestOfJson } from '../../../src/content/digest-of.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { type Found, type PromotionStatement, promotionStatement } from '../../../src/evidence/record-statement.ts';
import { planPromotion } from '../../../src/plan/plan-promotion.ts';
import { aRulebook } from '../../support/memory-world.ts';

export const AT = '2026-11-23T12:00:00.000Z';

export interface SampleFacts {
  readonly registry?: string;
  readonly digest?: Digest;
  readonly found?: Partial<Found>;
}

export function aPlan({
  registry = 'staging.example.test',
  digest = digestOf('image'),
}: SampleFacts = {}): PromotionPlan {
  const { environments, services } = aRulebook();
  const { dev, staging } = environments;
  const { iam } = services;
  if (dev === undefined || staging === undefined || iam === undefined)
    throw new Error('another rulebook than expected');
  return planPromotion({
    service: iam,
    version: '1.0.0',
    target: { ...staging, registryHost: registry },
    source: dev,
    image: { repository: 'iam', digest },
    manifests: digestOf('manifests'),
    policyVersion: digestOf('rules'),
  });
}

export function someFacts(): Found {
  return {
    admittedAt: AT,
    promotedAt: AT,
    requestedBy: 'pipeline',
    replaces: { version: '0.9.0', digest: digestOf('before'), workflow: 'promotion/iam/0.9.0/staging' },
    decision: {
      verdicts: [{ rule: 'signatures', answer: 'yes', reason: 'signed by build', statements: [digestOf('signature')] }],
      gates: [{ gate: 'hours', answer: 'yes', reason: 'within office hours' }],
      approvals: [
        { approver: 'ada', decision: 'approve', planDigest: digestOf('plan'), proof: 'key', statement: 'a.b.c' },
      ],
      overrides: [],
    },
    effects: {
      manifests: digestOf('manifests'),
      image: { tag: '1.0.0', manifestLock: { deletable: false, writable: false } },
      workloads: [{ ref: 'deployment/iam', generation: 2, replicas: 2 }],
      pods: [{ name: 'iam-1', workload: 'deployment/iam', imageDigest: digestOf('image') }],
      health: { url: 'http://10.0.0.1:8080/health', status: 200 },
    },
    workflow: { id: 'promotion/iam/1.0.0/staging', runId: 'run' },
    engine: { name: 'sluice', version: '1.2.3' },
    reportedByEngine: { steps: [{ step: 'import', state: 'done', facts: { effect: 'imported' } }], ticket: 'REL-7' },
  };
}

export function aStatement(facts: SampleFacts = {}): PromotionStatement {
  const plan = aPlan(facts);
  return promotionStatement(plan, digestOfJson(plan), { ...someFacts(), ...facts.found });
}
