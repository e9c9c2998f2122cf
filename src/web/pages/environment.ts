/** One environment: what runs there per service, since when, by whom. */
import type { BoardPlace } from '../../client/index.ts';
import { html } from '../html.ts';
import { environmentHref, releaseHref } from '../links.ts';
import { renderEntering } from './board.ts';
import { badge } from './badge.ts';
import { moment } from './moment.ts';
import type { Page } from './page.ts';
import { table } from './table.ts';

const COLUMNS = ['Service', 'Version', 'Digest', 'Health', 'Since', 'Asked for by', 'Approved by', 'On its way'];

export function environmentPage(environment: string, places: readonly BoardPlace[], now: Date): Page {
  const rows = places.map((place) => {
    const { service, running } = place;
    const entering = renderEntering(place, now);
    if (running === undefined) return [service, NOTHING, '', '', '', '', '', entering];
    return [
      service,
      html`<a href="${releaseHref({ service, version: running.version })}">${running.version}</a>`,
      running.digest !== undefined && html`<code>${running.digest}</code>`,
      badge('good', 'well at release'),
      moment(running.since),
      running.requestedBy,
      running.approvedBy.join(', '),
      entering,
    ];
  });
  const history = `/releases?environment=${encodeURIComponent(environment)}`;
  const main = html`<h1>${environment}</h1>
    <p><a href="${history}">Its history</a></p>
    ${rows.length === 0 ? EMPTY : table({ caption: `What runs in ${environment}.`, columns: COLUMNS, rows })}`;
  return { title: environment, main, json: `${environmentHref(environment)}.json` };
}

const NOTHING = html`<span class="muted">nothing released yet</span>`;
const EMPTY = html`<p>Nothing has been released here, as far as the engine remembers.</p>`;
