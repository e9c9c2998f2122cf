/** One environment: what restrains it, what runs there per service, whose turn it is; and the form to stop and hold. */
import type { BoardPlace, DeskReport } from '../../client/index.ts';
import type { EnvironmentStatus } from '../../contract/environment-workflow.ts';
import { type Html, html } from '../html.ts';
import { environmentHref, releaseHref } from '../links.ts';
import { renderEntering, renderHealth } from './board.ts';
import { renderDrift } from './drift.ts';
import { moment } from './moment.ts';
import type { Page } from './page.ts';
import { renderRestrainForm, restrainCommands, type Speaker } from './restrain-form.ts';
import { notKnown, renderPast, renderRestraint, restraintBadges, silent } from './restraints.ts';
import { table } from './table.ts';
import { renderTurns } from './turns.ts';

const COLUMNS = [
  'Service',
  'Version',
  'Digest',
  'Health, last seen',
  'Since',
  'Asked for by',
  'Approved by',
  'On its way',
];

/** The places as the desk completes them; without a worker they are drawn all the same. */
export function environmentPage(
  environment: string,
  places: readonly BoardPlace[],
  { known }: DeskReport,
  speaker: Speaker,
  now: Date,
): Page {
  const desk = known.find((one) => one.environment === environment);
  const services = places.map((place) => place.service);
  const what = { environment, services, restraints: desk?.restraints ?? [] };
  const rows = places.map((place) => rowOf(place, now));
  const history = `/releases?environment=${encodeURIComponent(environment)}`;
  const main = html`<h1>${environment}</h1>
    <p>
      <a id="journey-link" href="${environmentHref(environment)}">Look again</a> · <a href="${history}">Its history</a>
    </p>
    ${desk === undefined ? silent(environment) : html`${notKnown(desk)} ${inForce(desk)}`}
    ${rows.length === 0 ? EMPTY : table({ caption: captionOf(environment), columns: COLUMNS, rows })}
    ${desk !== undefined && renderTurns(desk, places)} ${desk !== undefined && renderPast(desk)}
    ${renderRestrainForm(what, speaker)} ${restrainCommands(what, speaker)}`;
  const runs = speaker.restraining.kind === 'none' ? {} : ({ runs: 'restraining' } as const);
  return { title: environment, main, json: `${environmentHref(environment)}.json`, ...runs };
}

function captionOf(environment: string): string {
  return `What runs in ${environment}; health as its promotion saw it last (nobody has looked since).`;
}

function inForce({ restraints, unread }: EnvironmentStatus): Html | undefined {
  if (restraints.length === 0 && unread !== undefined) return undefined;
  if (restraints.length === 0) return html`<p>Nothing is stopped or held here.</p>`;
  return html`<section class="box" aria-labelledby="in-force">
    <h2 id="in-force">Stopped or held</h2>
    ${restraints.map(renderRestraint)}
  </section>`;
}

function rowOf(place: BoardPlace, now: Date): readonly (Html | string | false | undefined | readonly Html[])[] {
  const { service, running, restraints = [] } = place;
  const entering = renderEntering(place, now);
  const name = html`${service} ${restraintBadges(restraints)} ${renderDrift(place, now)}`;
  if (running === undefined) return [name, NOTHING, '', '', '', '', '', entering];
  return [
    name,
    html`<a href="${releaseHref({ service, version: running.version })}">${running.version}</a>`,
    running.digest !== undefined && html`<code>${running.digest}</code>`,
    renderHealth(running.health, now),
    moment(running.since),
    running.requestedBy,
    running.approvedBy.join(', '),
    entering,
  ];
}

const NOTHING = html`<span class="muted">nothing released yet</span>`;
const EMPTY = html`<p>Nothing has been released here, as far as the engine remembers.</p>`;
