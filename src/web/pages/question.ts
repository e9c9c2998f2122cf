/** One question to people, or one closed gate: what they decide on in view, and the form to say it as themselves. */
import type { ReleaseView } from '../../client/index.ts';
import type { PassableGate, PromotionStatus } from '../../contract/status.ts';
import type { Answering } from '../answering/answering.ts';
import { type Html, html } from '../html.ts';
import { questionHref, releaseHref } from '../links.ts';
import { renderAnswers, renderOverrides, renderRefusedAnswers } from './answers.ts';
import { isAnsweredHere, renderAnswerForm, renderOverrideForm } from './answer-form.ts';
import { stateBadge } from './badge.ts';
import type { Page } from './page.ts';
import { passableGates } from './passable-gates.ts';
import { renderPlan } from './plan.ts';
import { commandsOf, waitingFacts } from './waiting.ts';

/** The newest roll-back to the version there, else the release's own. Undefined when there is no such promotion (yet). */
export function questionPage(view: Questions, environment: string, answering: Answering): Page | undefined {
  const promotion = [...(view.rollbacks ?? []), ...view.promotions].find((one) => one.environment === environment);
  if (promotion === undefined) return undefined;
  const { service, version } = promotion;
  const isOpen = promotion.approval?.open === true && promotion.planDigest !== undefined;
  const gates = isOpen ? [] : passableGates(promotion, view);
  const isSpoken = isOpen || gates.length > 0;
  const main = html`<h1>${service} ${version} → ${environment}</h1>
    ${goesBack(promotion)}
    ${isOpen ? question(promotion) : gates.length > 0 ? atTheGates(promotion) : closed(promotion)}
    ${renderAnswers(promotion)} ${renderRefusedAnswers(promotion)} ${renderOverrides(promotion)}
    ${renderPlan(promotion)} ${isOpen && renderAnswerForm(promotion, answering)}
    ${gates.length > 0 && renderOverrideForm(promotion, gates, answering)}
    ${isSpoken && commands(promotion, gates, answering)}
    <p>
      <a id="journey-link" href="${releaseHref(promotion)}#leg-${environment}"
        >The whole journey of ${service} ${version}</a
      >
    </p>`;
  const title = `Answer for ${service} ${version} → ${environment}`;
  return { title, main, ...(isSpoken && isAnsweredHere(answering) ? { runs: 'answering' } : {}) };
}

type Questions = Pick<ReleaseView, 'promotions' | 'rollbacks' | 'restraints'>;

function goesBack({ rollback, environment, version, requestedBy }: PromotionStatus): Html | undefined {
  if (rollback === undefined) return undefined;
  return html`<p>A roll-back: ${environment} goes back to ${version}, for ${requestedBy}: ${rollback.reason}</p>`;
}

function atTheGates({ waiting }: PromotionStatus): Html {
  if (waiting === undefined) return html`<p>Gates are closed.</p>`;
  return html`<div class="box">
    <h2>Waits: ${waiting.reason}</h2>
    ${waitingFacts(waiting)}
  </div>`;
}

function question({ waiting }: PromotionStatus): Html {
  if (waiting === undefined) return html`<p>People are asked.</p>`;
  return html`<div class="box">
    <h2>Asked: ${waiting.reason}</h2>
    ${waitingFacts(waiting)}
  </div>`;
}

function closed(promotion: PromotionStatus): Html {
  const { phase, outcome } = promotion;
  const href = questionHref(promotion, promotion.environment);
  return html`<div class="box">
    <h2>Nobody is asked here at the moment</h2>
    <p>${stateBadge(phase)} ${outcome?.reason}</p>
    <p><a href="${href}">Look again</a></p>
  </div>`;
}

/** Always there; where the form works the script folds it. */
function commands(promotion: PromotionStatus, gates: readonly PassableGate[], answering: Answering): Html | undefined {
  const answer = [...(promotion.waiting?.answer ?? []), ...overrideCommands(promotion, gates)];
  if (answer.length === 0) return undefined;
  const why = isAnsweredHere(answering)
    ? 'Answering on this page needs JavaScript, for the signature. Without it, type:'
    : answering.kind === 'none'
      ? 'This server only shows. To answer, type:'
      : 'People are known by keys of their own here, which belong on no page of another machine. On yours, type:';
  return html`<details id="commands" open>
    <summary>Answer with the command line</summary>
    <p>${why}</p>
    ${commandsOf({ answer })}
  </details>`;
}

/** Where the engine itself names none, because it does not know who may. */
function overrideCommands(
  { service, version, environment, waiting }: PromotionStatus,
  gates: readonly PassableGate[],
): readonly string[] {
  if (waiting?.answer.some((command) => command.startsWith('sluice override')) === true) return [];
  return gates.map(
    ({ gate }) => `sluice override ${service} ${version} --environment ${environment} --gate ${gate} --reason "…"`,
  );
}
