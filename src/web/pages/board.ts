/** What is where: services × environments, and what is on its way. */
import type { BoardPlace, DeskReport, HealthSeen } from '../../client/index.ts';
import { shortDigest } from '../../domain/digest.ts';
import type { Wait } from '../../domain/waiting.ts';
import { type Html, html } from '../html.ts';
import { environmentHref, promotionHref, releaseHref, serviceHref } from '../links.ts';
import { badge, waitingBadge } from './badge.ts';
import { renderDrift } from './drift.ts';
import { age } from './moment.ts';
import type { Page } from './page.ts';
import { renderDesks, restraintBadges } from './restraints.ts';
import { table } from './table.ts';
import { commandsOf, waitingFacts } from './waiting.ts';

/** The places as the desks complete them; `missing`: how many that are on their way they leave out. */
export function boardPage(places: readonly BoardPlace[], desks: DeskReport, now: Date, missing = 0): Page {
  const body = places.length === 0 ? NOTHING : matrix(places, now);
  const main = html`<h1>Board</h1>
    ${renderDesks(desks)} ${missing > 0 && rest(missing)} ${body}`;
  return { title: 'Board', main, here: 'board', json: '/board.json' };
}

const NOTHING = html`<p>Nothing has been released yet. The first one begins with <code>sluice start</code>.</p>`;

function rest(missing: number): Html {
  return html`<p>
    ${missing} older changes that are under way are not on this page:
    <a href="/releases?waiting=any">those that wait</a> are in the list, a service’s own on its page, all of them in
    <a href="/board.json">the board as JSON</a>.
  </p>`;
}

const CAPTION =
  'Services by environment: version, digest, since when, health as its promotion saw it last (nobody has looked since), what is on its way.';

function matrix(places: readonly BoardPlace[], now: Date): Html {
  const environments = environmentsOf(places);
  const services = Map.groupBy(places, (place) => place.service);
  return table({
    caption: CAPTION,
    columns: ['Service', ...environments.map((name) => html`<a href="${environmentHref(name)}">${name}</a>`)],
    labels: ['Service', ...environments],
    rows: [...services].map(([service, its]) => [
      html`<a href="${serviceHref(service)}">${service}</a>`,
      ...environments.map((name) => {
        const place = its.find((one) => one.environment === name);
        return place === undefined ? html`<span class="muted">–</span>` : renderPlace(place, now);
      }),
    ]),
  });
}

/** In the order of the paths, as recent journeys show it; then by name. */
export function environmentsOf(places: readonly BoardPlace[]): readonly string[] {
  const positions = new Map<string, number>();
  for (const { environment, position = 0 } of places) {
    positions.set(environment, Math.max(position, positions.get(environment) ?? 0));
  }
  return [...positions].toSorted((a, b) => a[1] - b[1] || a[0].localeCompare(b[0])).map(([name]) => name);
}

export function renderPlace(place: BoardPlace, now: Date): Html {
  return html`<div class="place">
    ${renderRunning(place, now)} ${renderDrift(place, now)} ${restraintBadges(place.restraints ?? [])}
    ${renderEntering(place, now)}
  </div>`;
}

function renderRunning({ service, running }: BoardPlace, now: Date): Html {
  if (running === undefined) return html`<span class="muted">nothing released yet</span>`;
  const { version, digest, since, health } = running;
  return html`<a href="${releaseHref({ service, version })}">${version}</a>
    ${digest !== undefined && html`<code>${shortDigest(digest)}</code>`}
    <span class="muted">for ${age(since, now)}</span> ${renderHealth(health, now)}`;
}

/** What was seen, when and by whom; what nobody has said is not known. */
export function renderHealth(health: HealthSeen | undefined, now: Date): Html {
  if (health === undefined) return html`<span class="muted">health: no worker has answered</span>`;
  const { at, by, said } = health;
  if (at === undefined) return html`<span class="muted" title="${by}: ${said}">health was not looked at</span>`;
  return html`<span title="${by}: ${said}">${badge('good', html`well ${age(at, now)} ago`)}</span>`;
}

export function renderEntering({ service, environment, entering, ...turns }: BoardPlace, now: Date): readonly Html[] {
  return entering.map(
    ({ version, waitingFor, since, waiting, rollback }) =>
      html`<div class="entering">
        <a href="${promotionHref({ service, version, rollback }, environment)}">${version}</a>
        ${rollback === true && badge('busy', 'roll-back')}
        ${waitingFor === undefined ? badge('busy', 'on its way') : waitingBadge(waitingFor)}
        <span class="muted">begun ${age(since, now)} ago${standing(version, turns)}</span>
        ${waiting !== undefined && renderWhy(version, waiting)}
      </div>`,
  );
}

function renderWhy(version: string, waiting: Wait): Html {
  return html`<details>
    <summary>Why ${version} waits</summary>
    <p>${waiting.reason}</p>
    ${waitingFacts(waiting)} ${commandsOf(waiting)}
  </details>`;
}

function standing(version: string, { changing, queue = [] }: Pick<BoardPlace, 'changing' | 'queue'>): string {
  if (changing?.version === version) return ', changes it now';
  const place = queue.findIndex((one) => one.version === version) + 1;
  return place === 0 ? '' : `, number ${place} in the queue`;
}
