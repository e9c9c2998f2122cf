/** Before anything is done: plan, verify at the source, ask people, and look once more whether the plan still holds. */
import { shortDigest } from '../../src/domain/digest.ts';
import type { StepAnswer } from '../../src/contract/activities.ts';
import { askPeople } from './approval.ts';
import { begin, finish, listSteps } from './journal.ts';
import { VERIFY_SOURCE } from './journey.ts';
import { perform, type Step } from './perform.ts';
import { planned, type PromotionRun } from './run.ts';

/** Returns with a plan that holds now and, where the environment asks for it, was approved as it is. */
export async function agree(run: PromotionRun): Promise<void> {
  await perform(run, PLAN);
  await perform(run, VERIFY_SOURCE);
  while (planned(run).plan.approval !== undefined) {
    const asked = planned(run).planDigest;
    begin(run, 'approval');
    await askPeople(run);
    const summary = `approved by ${(run.question?.given ?? []).map((one) => one.approver).join(', ')}`;
    finish(run, 'approval', { ok: true, summary, facts: { plan: asked } });
    await perform(run, PLAN);
    if (planned(run).planDigest === asked) return;
  }
}

const PLAN: Step = { name: 'plan', no: 'refuse', act: makePlan };

async function makePlan(run: PromotionRun): Promise<StepAnswer> {
  const { service, version, environment, source, image, manifests } = run.input;
  const request = { service, version, environment, source, image, manifests, manifestsPublished: true };
  const summary = `plan ${service} ${version} → ${environment}`;
  const answer = await run.hands.planPromotion.executeWithOptions({ summary }, [request]);
  if (!answer.ok) return answer;
  const { plan, planDigest, baseline } = answer;
  run.planned = { plan, planDigest, baseline };
  listSteps(run);
  const { version: previous, image: was } = baseline.current ?? { version: 'nothing', image: undefined };
  const replaces = was === undefined ? previous : `${previous} (${shortDigest(was.digest)})`;
  return {
    ok: true,
    summary: `plan ${shortDigest(planDigest)}; replaces ${replaces}`,
    facts: { plan: planDigest, replaces: previous, ...(was === undefined ? {} : { replacesDigest: was.digest }) },
  };
}
