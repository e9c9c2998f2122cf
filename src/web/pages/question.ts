/** One question to people: what they decide on in view, and the form to answer it as themselves. */
import type { ReleaseView } from '../../client/index.ts';
import type { PromotionStatus } from '../../contract/status.ts';
import type { Answering } from '../answering/answering.ts';
import { type Html, html } from '../html.ts';
import { questionHref, releaseHref } from '../links.ts';
import { renderAnswers, renderRefusedAnswers } from './answers.ts';
import { isAnsweredHere, renderAnswerForm } from './answer-form.ts';
import { stateBadge } from './badge.ts';
import type { Page } from './page.ts';
import { renderPlan } from './plan.ts';
import { commandsOf, waitingFacts } from './waiting.ts';

/** Undefined when the release has no such promotion (yet). */
export function questionPage({ promotions }: ReleaseView, environment: string, answering: Answering): Page | undefined {
  const promotion = promotions.find((one) => one.environment === environment);
  if (promotion === undefined) return undefined;
  const { service, version } = promotion;
  const isOpen = promotion.approval?.open === true && promotion.planDigest !== undefined;
  const main = html`<h1>${service} ${version} → ${environment}</h1>
    ${isOpen ? question(promotion) : closed(promotion)} ${renderAnswers(promotion)} ${renderRefusedAnswers(promotion)}
    ${renderPlan(promotion)} ${isOpen && renderAnswerForm(promotion, answering)}
    ${isOpen && commands(promotion, answering)}
    <p>
      <a id="journey-link" href="${releaseHref(promotion)}#leg-${environment}"
        >The whole journey of ${service} ${version}</a
      >
    </p>`;
  const title = `Answer for ${service} ${version} → ${environment}`;
  return { title, main, ...(isOpen && isAnsweredHere(answering) ? { answering: true } : {}) };
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
function commands({ waiting }: PromotionStatus, answering: Answering): Html | undefined {
  if (waiting === undefined || waiting.answer.length === 0) return undefined;
  const why = isAnsweredHere(answering)
    ? 'Answering on this page needs JavaScript, for the signature. Without it, type:'
    : answering.kind === 'none'
      ? 'This server only shows. To answer, type:'
      : 'People are known by keys of their own here, which belong on no page of another machine. On yours, type:';
  return html`<details id="commands" open>
    <summary>Answer with the command line</summary>
    <p>${why}</p>
    ${commandsOf(waiting)}
  </details>`;
}
