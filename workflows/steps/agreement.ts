/** Before anything is done: plan, verify at the source, ask people, and look once more whether the plan still holds. */
import { shortDigest } from '../../src/domain/digest.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import {
  baselineChange,
  changesInWords,
  type PlanChange,
  planChanges,
  replacesInWords,
} from '../../src/domain/plan-change.ts';
import type { AdmitAnswer, PlanAnswer, StepAnswer } from '../../src/contract/activities.ts';
import { askPeople } from './approval.ts';
import { type Closed, passGates, waitAtTheDoor } from './gates.ts';
import { begin, change, finish, listSteps } from './journal.ts';
import { VERIFY_SOURCE } from './journey.ts';
import { perform, type Step } from './perform.ts';
import { now, planned, type PromotionRun, stepRequest } from './run.ts';
import { askSoaked } from './soaking.ts';
import { askEarly, giveTurnBack, takeTurn } from './turn.ts';

/** Returns with a plan that holds now and, where the environment asks for it, was approved as it is. */
export async function agree(run: PromotionRun): Promise<void> {
  await perform(run, PLAN);
  askEarly(run);
  await perform(run, VERIFY_SOURCE);
  let agreed: string | undefined;
  let unapproved: Refusal | undefined;
  let closedSince: string | undefined;
  for (let again = false; isAdmitted(run) || planned(run).plan.approval !== undefined; again = true) {
    await passGates(run, again, closedSince);
    const asked = planned(run).planDigest;
    if (planned(run).plan.approval !== undefined && agreed !== asked) await ask(run, asked, unapproved);
    agreed = asked;
    const door = (await takeTurn(run)) ? await knock(run, asked) : undefined;
    if (door?.isOpen === true) return;
    await giveTurnBack(run);
    unapproved = door?.unapproved;
    if (unapproved !== undefined) agreed = undefined;
    closedSince = door?.closed === undefined ? undefined : await closedAt(run, door.closed, closedSince);
  }
}

/** Since when it is kept out at the door. */
async function closedAt(run: PromotionRun, closed: Closed, since = now()): Promise<string> {
  await waitAtTheDoor(run, closed, since);
  return since;
}

/** Plans of older engines know no admission: they are made once more where people were asked, and that is all. */
function isAdmitted(run: PromotionRun): boolean {
  return planned(run).plan.steps.some((one) => one.step === 'admit');
}

interface Door {
  /** False when the plan has changed, or a gate has closed meanwhile: everything is asked again that the change concerns. */
  readonly isOpen: boolean;
  /** What the gates said; engines before this one did not say which gate, and asked again at once. */
  readonly closed: AdmitAnswer['gates'];
  /** Why the yeses that were given do not suffice any more. */
  readonly unapproved: Refusal | undefined;
}

async function knock(run: PromotionRun, asked: string): Promise<Door> {
  let door: AdmitAnswer | undefined;
  await perform(run, isAdmitted(run) ? admission((answer) => (door = answer)) : PLAN);
  if (door?.ok === false) return { isOpen: false, closed: undefined, unapproved: door.refusal };
  const isClosed = door?.closed === true;
  return {
    isOpen: !isClosed && planned(run).planDigest === asked,
    closed: isClosed ? door?.gates : undefined,
    unapproved: undefined,
  };
}

async function ask(run: PromotionRun, asked: string, unapproved: Refusal | undefined): Promise<void> {
  begin(run, 'approval');
  await askPeople(run, unapproved);
  const summary = `approved by ${(run.question?.given ?? []).map((one) => one.approver).join(', ')}`;
  finish(run, 'approval', { ok: true, summary, facts: { plan: asked } });
}

const PLAN: Step = { name: 'plan', no: 'refuse', act: makePlan };

/** Another plan than the asked one was not let in: it is the new question. */
function admission(hear: (answer: AdmitAnswer) => void): Step {
  return {
    name: 'admit',
    no: 'refuse',
    async act(run, summary) {
      const before = planned(run);
      const asked = before.planDigest;
      const asking = askSoaked(run);
      if (asking !== undefined) await asking;
      const answer = await run.hands.admit.executeWithOptions({ summary }, [stepRequest(run)]);
      if (!answer.ok && answer.askAgain !== true) return answer;
      hear(answer);
      if (!answer.ok) return yes(`not let in: ${answer.refusal.message}`, { plan: asked });
      adopt(run, answer);
      const { planDigest } = answer;
      if (planDigest !== asked) {
        const changed = changesInWords(planChanges(before, answer));
        const digests = `the plan has changed: ${shortDigest(asked)} → ${shortDigest(planDigest)}`;
        return yes([digests, ...(changed === '' ? [] : [changed])].join('; '), { plan: planDigest, asked, changed });
      }
      const letIn = `plan ${shortDigest(asked)} is let in${passedOf(answer.gates)}`;
      const said = answer.closed === true ? 'a gate has closed meanwhile' : letIn;
      const [replaces] = baselineChange(run.shown ?? before, answer);
      noteBaseline(run, replaces);
      return yes(replaces === undefined ? said : `${said}; ${replacesInWords(replaces)}`, { plan: asked });
    },
  };
}

function passedOf(gates: AdmitAnswer['gates']): string {
  const passed = (gates?.verdicts ?? []).map((one) => `${one.gate}: ${one.reason}`);
  return passed.length === 0 ? '' : `; as a roll-back it passes ${passed.join('; ')}`;
}

/** Whoever approved is told when something else is replaced by now, also where that does not void their answer. */
function noteBaseline(run: PromotionRun, replaces: PlanChange | undefined): void {
  if (run.question === undefined) return;
  const { replacesNow: _, ...question } = run.question;
  run.question = { ...question, ...(replaces === undefined ? {} : { replacesNow: replaces }) };
  change(run, { approval: run.question });
}

async function makePlan(run: PromotionRun): Promise<StepAnswer> {
  const { service, version, environment, source, image, manifests } = run.input;
  const { awayFrom, rehearsal } = run.input.rollback ?? {};
  const away = {
    ...(awayFrom === undefined ? {} : { awayFrom }),
    ...(rehearsal === undefined ? {} : { rehearsal }),
  };
  const rollback = run.input.rollback === undefined ? {} : { rollback: true as const, ...away };
  const request = { service, version, environment, source, image, manifests, manifestsPublished: true, ...rollback };
  const summary = `plan ${service} ${version} → ${environment}`;
  const answer = await run.hands.planPromotion.executeWithOptions({ summary }, [request]);
  if (!answer.ok) return answer;
  const { planDigest, baseline } = answer;
  adopt(run, answer);
  const { version: previous, image: was } = baseline.current ?? { version: 'nothing', image: undefined };
  const replaces = was === undefined ? previous : `${previous} (${shortDigest(was.digest)})`;
  return yes(`plan ${shortDigest(planDigest)}; replaces ${replaces}`, {
    plan: planDigest,
    replaces: previous,
    ...(was === undefined ? {} : { replacesDigest: was.digest }),
  });
}

type Planned = PlanAnswer & { readonly ok: true };

function adopt(run: PromotionRun, { plan, planDigest, baseline, changes, mayPass, soaksIn = [] }: Planned): void {
  run.planned = { plan, planDigest, baseline, ...(changes === undefined ? {} : { changes }) };
  run.mayPass = mayPass;
  run.soaksIn = soaksIn;
  listSteps(run);
}

function yes(summary: string, facts: Readonly<Record<string, string>>): StepAnswer {
  return { ok: true, summary, facts };
}
