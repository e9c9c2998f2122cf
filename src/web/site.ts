/** Routes → answers: each page and its JSON twin, from the client's own answers. */
import type { ReleaseKey } from '../client/index.ts';
import { type Answer, assetAnswer, jsonAnswer, pageAnswer, troubleAnswer } from './answer.ts';
import type { Assets } from './assets.ts';
import type { TemporalLink } from './links.ts';
import { requestOf } from './list-query.ts';
import { boardPage } from './pages/board.ts';
import { environmentPage } from './pages/environment.ts';
import type { Page } from './pages/page.ts';
import { releasePage } from './pages/release.ts';
import { releasesPage } from './pages/releases.ts';
import type { Reader } from './reader.ts';
import type { Form, Route } from './routes.ts';
import type { Troubles } from './troubles.ts';

export interface Site {
  readonly reader: () => Promise<Reader>;
  readonly assets: Assets;
  readonly temporal: TemporalLink;
  readonly troubles: Troubles;
  readonly now: () => Date;
  /** Told of defects; whoever asked only learns that there was one. */
  readonly onDefect: (error: unknown) => void;
}

export type Shown = Exclude<Route, { readonly to: 'events' }>;

export async function answerTo(route: Shown | undefined, site: Site): Promise<Answer> {
  if (route === undefined) return notFound(site);
  try {
    return await shown(route, site);
  } catch (error) {
    return answerToError(error, 'form' in route ? route.form : 'page', site);
  }
}

export function answerToError(error: unknown, form: Form, { troubles, assets, onDefect }: Site): Answer {
  const seen = troubles.seen(error);
  if (seen !== undefined) return troubleAnswer(seen.trouble, seen.status, form, assets);
  onDefect(error);
  return troubleAnswer({ ...DEFECT, code: 'internal' }, 500, form, assets);
}

const DEFECT = {
  title: 'This server failed',
  message: 'The page could not be made. The release itself is not touched by that.',
  remedy: 'look at the log of "sluice serve"; "sluice status" shows a release without this server',
};

async function shown(route: Shown, site: Site): Promise<Answer> {
  switch (route.to) {
    case 'health':
      return health(site);
    case 'asset':
      return asset(route.href, site);
    case 'board': {
      const places = await known(site, (reader) => reader.places());
      return inForm(route.form, places, () => boardPage(places, site.now()), site);
    }
    case 'releases': {
      const request = requestOf(route.query);
      const page = await known(site, (reader) => reader.page(request));
      return inForm(route.form, page, () => releasesPage(request, page), site);
    }
    case 'environment': {
      const { environment } = route;
      const places = await known(site, (reader) => reader.board({ environment }));
      return inForm(route.form, places, () => environmentPage(environment, places, site.now()), site);
    }
    case 'release': {
      const view = await statusOf(route.key, site);
      return inForm(route.form, view, () => releasePage(view, site.temporal), site);
    }
  }
}

async function known<Value>({ reader, troubles }: Site, ask: (reader: Reader) => Promise<Value>): Promise<Value> {
  const value = await ask(await reader());
  troubles.over('temporal-unreachable');
  return value;
}

async function statusOf(key: ReleaseKey, site: Site): ReturnType<Reader['status']> {
  const view = await known(site, (reader) => reader.status(key));
  site.troubles.over('worker-missing');
  return view;
}

function inForm(form: Form, value: unknown, page: () => Page, { assets }: Site): Answer {
  return form === 'json' ? jsonAnswer(value) : pageAnswer(page(), assets);
}

/** The server lives; what it last heard of the engine is told, and is no reason to restart this process. */
function health({ troubles }: Site): Answer {
  const since = troubles.since('temporal-unreachable');
  return jsonAnswer({ serving: true, temporal: since === undefined ? 'not known to be away' : `away since ${since}` });
}

function asset(href: string, site: Site): Answer {
  const found = Object.values(site.assets).find((one) => one.href === href);
  return found === undefined ? notFound(site) : assetAnswer(found);
}

function notFound({ assets }: Site): Answer {
  const trouble = { title: 'No such page', message: 'This address leads nowhere.', remedy: 'begin at the board' };
  return troubleAnswer(trouble, 404, 'page', assets);
}
