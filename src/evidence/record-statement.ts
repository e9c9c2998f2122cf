/** The in-toto statement about a promotion: pure, from what the environment has found out. Whoever builds or reads one starts here. */
import type { PromotionPlan, WireImage } from '../contract/plan.ts';
import { canonicalJson } from '../content/canonical-json.ts';
import { hexOf, parseDigest } from '../domain/digest.ts';
import { PROMOTION_PREDICATE, type PromotionPredicate, promotionPredicate } from './record-predicate.ts';

/** in-toto Attestation Framework 1.0. */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

export interface PromotionStatement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly [{ readonly name: string; readonly digest: { readonly sha256: string } }];
  readonly predicateType: typeof PROMOTION_PREDICATE;
  readonly predicate: PromotionPredicate;
}

/** What the plan does not say. */
export type Found = Omit<PromotionPredicate, 'outcome' | 'service' | 'version' | 'from' | 'to' | 'rollback' | 'plan'>;

export function promotionStatement(plan: PromotionPlan, planDigest: string, found: Found): PromotionStatement {
  const { service, version, environment, namespace, policyVersion } = plan;
  const predicate: PromotionPredicate = {
    outcome: 'promoted',
    ...{ service, version },
    from: { environment: plan.source, registry: plan.sourceRegistry },
    to: { environment, registry: plan.targetRegistry, namespace },
    ...(plan.rollback === undefined ? {} : { rollback: plan.rollback }),
    plan: { digest: planDigest, policyVersion, content: { ...plan } },
    ...found,
  };
  return {
    _type: STATEMENT_TYPE,
    subject: [subjectOf(plan.targetRegistry, plan.image)],
    predicateType: PROMOTION_PREDICATE,
    predicate,
  };
}

function subjectOf(registry: string, { repository, digest }: WireImage): PromotionStatement['subject'][0] {
  return { name: `${registry}/${repository}`, digest: { sha256: hexOf(parseDigest(digest)) } };
}

/** What is signed: canonical, so that the same statement is the same bytes wherever it is written. */
export function statementBytes(statement: object): Uint8Array {
  return Buffer.from(canonicalJson(statement), 'utf8');
}

/** Undefined: it is no promotion of this form, whoever signed it. */
export function readPromotion(predicate: unknown): PromotionPredicate | undefined {
  const read = promotionPredicate.safeParse(predicate);
  return read.success ? read.data : undefined;
}

/** The image that people agreed to; a plan about another one than the subject is nobody's. */
export function plannedImage({ plan }: PromotionPredicate): string | undefined {
  const image = plan.content['image'] as Partial<WireImage> | null | undefined;
  return image?.digest;
}
