/** Releases by what people look for, newest first, page by page. */
import type { ListedRelease, PageRequest, ReleasePage } from '../../client/index.ts';
import { shortDigest } from '../../domain/digest.ts';
import { OUTCOMES } from '../../domain/outcome.ts';
import { WAIT_KINDS } from '../../domain/waiting.ts';
import { type Html, html } from '../html.ts';
import { environmentHref, promotionHref, releaseHref } from '../links.ts';
import { queryOf } from '../list-query.ts';
import { badge, outcomeBadge, waitingBadge } from './badge.ts';
import { moment } from './moment.ts';
import type { Page } from './page.ts';
import { table } from './table.ts';

const columns = (there: string): readonly string[] => [
  ...['Release', 'State', 'Environment', 'Digest', `Started${there}`, `Ended${there}`, 'Asked for by'],
];
/** `any` is all of them. */
const WAITING = ['any', ...WAIT_KINDS];

export function releasesPage(request: PageRequest, { releases, next }: ReleasePage): Page {
  const main = html`<h1>Releases</h1>
    ${filters(request)} ${releases.length === 0 ? NONE : table({ ...headOf(request), rows: releases.map(rowOf) })}
    ${paging(request, next)}`;
  return { title: 'Releases', main, here: 'releases', json: `/releases.json${queryOf(request)}` };
}

/** Of an environment the list has the promotions into it. */
function headOf({ environment }: PageRequest) {
  const caption = 'Newest first; those that have not ended come before the others.';
  return { caption, columns: columns(environment === undefined ? '' : ' there') };
}

const NONE = html`<p>No release fits. <a href="/releases">Show all</a></p>`;

function rowOf(one: ListedRelease): readonly (Html | string | false | undefined)[] {
  const { environment, digest, endedAt } = one;
  return [
    nameOf(one),
    html`${one.rollback === true && badge('busy', 'roll-back')} ${stateOf(one)}`,
    environment !== undefined && html`<a href="${environmentHref(environment)}">${environment}</a>`,
    digest !== undefined && html`<code>${shortDigest(digest)}</code>`,
    moment(one.startedAt),
    endedAt !== undefined && moment(endedAt),
    one.requestedBy,
  ];
}

function nameOf({ service, version, environment, rollback }: ListedRelease): Html | string {
  // it has come to nothing: there is no page of it
  if (version === undefined) return service;
  const key = { service, version, rollback };
  const href = environment === undefined ? releaseHref(key) : promotionHref(key, environment);
  return html`<a href="${href}">${service} ${version}</a>`;
}

function stateOf({ outcome, running, waitingFor }: ListedRelease): Html {
  if (outcome !== undefined) return outcomeBadge(outcome);
  if (waitingFor !== undefined) return waitingBadge(waitingFor);
  return running ? badge('busy', 'running') : badge('bad', 'ended without an outcome');
}

function filters({ service, environment, outcome, waiting }: PageRequest): Html {
  const waits = waiting === true ? 'any' : waiting === false ? undefined : waiting;
  return html`<form method="get" action="/releases" role="search" aria-label="Filter releases">
    <label>Service <input name="service" value="${service}" autocomplete="off" /></label>
    <label>Environment <input name="environment" value="${environment}" autocomplete="off" /></label>
    <label
      >Outcome
      <select name="outcome">
        ${options(OUTCOMES, outcome)}
      </select></label
    >
    <label
      >Waits for
      <select name="waiting">
        ${options(WAITING, waits)}
      </select></label
    >
    <button>Show</button>
  </form>`;
}

function options(values: readonly string[], chosen: string | undefined): readonly Html[] {
  return ['', ...values].map(
    (value) => html`<option value="${value}" ${value === (chosen ?? '') && SELECTED}>${value}</option>`,
  );
}

const SELECTED = html` selected`;

function paging(request: PageRequest, next: string | undefined): Html {
  const { after, ...first } = request;
  const links = [
    after !== undefined && html`<a href="/releases${queryOf(first)}">First page</a>`,
    next !== undefined && html`<a rel="next" href="/releases${queryOf({ ...first, after: next })}">Next page</a>`,
  ];
  return html`<nav aria-label="Pages of the list"><p>${links[0]} ${links[1]}</p></nav>`;
}
