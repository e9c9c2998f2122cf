/** A release's journey: the page around it, and the part that is sent anew while it moves. */
import { type ReleaseView, type RollbackRun, formatRetrying, isMoving } from '../../client/index.ts';
import type { ReleaseLeg, ReleaseStatus } from '../../contract/status.ts';
import { type Html, html } from '../html.ts';
import { type TemporalLink, eventsHref, questionHref, releaseJsonHref, serviceHref } from '../links.ts';
import { outcomeBadge, stateBadge } from './badge.ts';
import { moment } from './moment.ts';
import { drawingOf } from './drawing.ts';
import type { Page } from './page.ts';
import { renderRestraint } from './restraints.ts';
import { renderPromotion } from './promotion.ts';
import { renderAttention, renderWaiting } from './waiting.ts';

export function releasePage(view: ReleaseView, temporal: TemporalLink): Page {
  const { release } = view;
  const title = `${release.service} ${release.version}`;
  const ended = !isMoving(view);
  const { id, part } = drawingOf(renderJourney(view, temporal));
  const main = html`<h1>${title}</h1>
    <p id="news" role="status" aria-live="polite"></p>
    <p id="link" class="muted">
      ${ended ? 'The release has ended.' : 'Reload this page to see what has happened since.'}
    </p>
    <div id="journey" ${!ended && html` data-events="${eventsHref(release)}" data-drawn="${id}"`}>${part}</div>
    <p><a href="${serviceHref(release.service)}">All releases of ${release.service}</a></p>`;
  return { title, main, json: releaseJsonHref(release) };
}

/** The same view gives the same text: nothing in it depends on when it is drawn. */
export function renderJourney(view: ReleaseView, temporal: TemporalLink): Html {
  const { release, promotions, retrying } = view;
  const asked = promotions.some((one) => one.waiting !== undefined);
  const own = retrying.filter((one) => one.environment === undefined);
  return html`${summary(release, temporal)} ${path(release.legs)}
  ${release.waiting !== undefined && !asked && renderWaiting(release.waiting)}
  ${own.map((one) => html`<p class="warn">${formatRetrying(one)}</p>`)}
  ${release.legs.map((leg) => renderLeg(leg, view, temporal))}`;
}

function summary(release: ReleaseStatus, temporal: TemporalLink): Html {
  const { image, outcome } = release;
  const link = temporal(release.workflowId);
  return html`<dl class="facts">
    <dt>State</dt>
    <dd>
      ${outcome === undefined ? stateBadge(release.phase) : html`${outcomeBadge(outcome.kind)} ${outcome.reason}`}
    </dd>
    ${refusal(release)}
    <dt>Image</dt>
    <dd><code>${image === undefined ? release.requestedImage : `${image.repository}@${image.digest}`}</code></dd>
    <dt>Manifests</dt>
    <dd><code>${release.manifests}</code></dd>
    <dt>Asked for</dt>
    <dd>${moment(release.startedAt)} by ${release.requestedBy}</dd>
    ${
      link !== undefined &&
      html`<dt>Temporal</dt>
        <dd><a id="temporal" href="${link}">${release.workflowId}</a></dd>`
    }
  </dl>`;
}

function refusal({ outcome }: ReleaseStatus): Html | undefined {
  if (outcome?.refusal === undefined) return undefined;
  const { code, expected, got, remedy } = outcome.refusal;
  return html`<dt>Because</dt>
    <dd>
      <code>${code}</code>${expected !== undefined && html`; expected ${expected}`}${
        got !== undefined && html`; got ${got}`
      }${remedy !== undefined && html`. To do: ${remedy}`}
    </dd>`;
}

function path(legs: readonly ReleaseLeg[]): Html | undefined {
  if (legs.length === 0) return undefined;
  const links = legs.map(
    (leg) =>
      html`<li>
        <a id="to-${leg.environment}" href="#leg-${leg.environment}">${leg.environment}</a> ${stateOf(leg)}
      </li>`,
  );
  return html`<nav aria-label="Path of the release">
    <ol class="path">
      ${links}
    </ol>
  </nav>`;
}

function stateOf(leg: ReleaseLeg): Html {
  return leg.outcome === undefined ? stateBadge(leg.state) : outcomeBadge(leg.outcome.kind);
}

function renderLeg(
  leg: ReleaseLeg,
  { promotions, rollbacks = [], retrying, restraints = [] }: ReleaseView,
  temporal: TemporalLink,
): Html {
  const promotion = promotions.find((one) => one.environment === leg.environment);
  const tries = retrying.filter((one) => one.environment === leg.environment);
  return html`<section id="leg-${leg.environment}" aria-labelledby="head-${leg.environment}">
    <h2 id="head-${leg.environment}">${leg.environment} ${stateOf(leg)}</h2>
    ${restraints.filter((one) => one.environment === leg.environment).map(renderRestraint)}
    ${tries.map((one) => html`<p class="warn">${formatRetrying(one)}</p>`)}
    ${
      promotion === undefined
        ? html`<p class="muted">${leg.outcome?.reason ?? 'Not begun.'}</p>`
        : renderPromotion(promotion, temporal, { restraints })
    }
    ${rollbacks.filter((one) => one.environment === leg.environment).map(renderRollback)}
  </section>`;
}

/** In short: its plan, its answers and the form are on its own page. */
function renderRollback(back: RollbackRun): Html {
  const { environment, outcome, phase, next, waiting, attention, requestedBy, startedAt, rollback, approval } = back;
  const text = approval?.open === true ? `Answer for the roll-back of ${environment}` : 'Its plan and its answers';
  return html`<section id="back-${environment}" class="box" aria-labelledby="back-head-${environment}">
    <h3 id="back-head-${environment}">
      Brought back to ${environment} ${outcome === undefined ? stateBadge(phase) : outcomeBadge(outcome.kind)}
    </h3>
    <p>${moment(startedAt)}, for ${requestedBy}: ${rollback?.reason}</p>
    <p>${outcome?.reason ?? (next !== undefined && html`next: ${next}`)}</p>
    ${attention !== undefined && renderAttention(attention)} ${waiting !== undefined && renderWaiting(waiting)}
    <p><a id="answer-back-${environment}" href="${questionHref(back, environment)}">${text}</a></p>
  </section>`;
}
