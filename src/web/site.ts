/** Routes → answers: each page and its JSON twin, from the client's own answers. */
import {
  BOARD_SHOWS,
  isUntouched,
  leftOut,
  type PageRequest,
  ReleaseEngineError,
  type ReleaseKey,
  withDesks,
} from '../client/index.ts';
import {
  type Answer,
  assetAnswer,
  jsonAnswer,
  pageAnswer,
  redirectAnswer,
  troubleAnswer,
  withHeaders,
} from './answer.ts';
import { type Answering, type Forwarder, answeringAt } from './answering/answering.ts';
import type { Sessions } from './answering/sessions.ts';
import { finishSignIn } from './answering/sign-in.ts';
import type { Turnstile } from './answering/turnstile.ts';
import { type Visit, cookieFor } from './answering/visit.ts';
import { type Assets, assetsOf } from './assets.ts';
import type { TemporalLink } from './links.ts';
import { requestOf } from './list-query.ts';
import { boardPage } from './pages/board.ts';
import { environmentPage } from './pages/environment.ts';
import type { Frame, Page } from './pages/page.ts';
import { questionPage } from './pages/question.ts';
import { releasePage } from './pages/release.ts';
import { releasesPage } from './pages/releases.ts';
import { type Restrainer, type Restraining, restrainingAt } from './restraining/restraining.ts';
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
  readonly answering: Answering;
  readonly restraining: Restraining;
  /** Of the configuration; undefined: not known here. */
  readonly environments: readonly string[] | undefined;
  readonly services: readonly string[] | undefined;
  /** Hands on what people say; nothing else here sends anything to the engine. */
  readonly forwarder: () => Promise<Forwarder & Restrainer>;
  readonly sessions: Sessions;
  readonly turnstile: Turnstile;
}

/** What depends on who asks, or at least is asked for by its name. */
export type Shown = Exclude<Route, { readonly to: 'events' | 'health' }>;

export async function answerTo(route: Shown | undefined, site: Site, visit: Visit): Promise<Answer> {
  if (route === undefined) return notFound(site);
  try {
    return await shown(route, site, visit);
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

async function shown(route: Shown, site: Site, visit: Visit): Promise<Answer> {
  const frame = frameOf(visit, site);
  switch (route.to) {
    case 'asset':
      return asset(route.href, site);
    case 'board': {
      const all = route.form === 'json' ? {} : { newest: BOARD_SHOWS };
      const [places, counted, desks] = await known(site, (reader) =>
        Promise.all([reader.board(all), reader.underWay(), reader.desks()]),
      );
      const board = withDesks(places, desks, site.now().getTime());
      const page = () => boardPage(board, desks, site.now(), leftOut(places, counted));
      return inForm(route.form, board, page, site, frame);
    }
    case 'releases': {
      const request = requestOf(route.query);
      const page = await known(site, (reader) => reader.page(request));
      const nowhere = page.releases.length === 0 ? misspelt(request, site) : undefined;
      if (nowhere !== undefined) return noSuch(nowhere, route.form, site);
      return inForm(route.form, page, () => releasesPage(request, page), site, frame);
    }
    case 'environments':
      return jsonAnswer(await environments(site));
    case 'environment':
      return environment(route, site, visit);
    case 'release': {
      const view = await statusOf(route.key, site);
      return inForm(route.form, view, () => releasePage(view, site.temporal), site, frame);
    }
    case 'question':
      return question(route, site, visit);
    case 'session':
      return jsonAnswer({ person: visit.person });
    case 'signed-in':
      return signedIn(route.query, site, visit);
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

function inForm(form: Form, value: unknown, page: () => Page, { assets }: Site, frame: Frame): Answer {
  return form === 'json' ? jsonAnswer(value) : pageAnswer(page(), assets, 200, frame);
}

function frameOf({ session, person }: Visit, { sessions }: Site): Frame {
  return session === undefined || person === undefined ? {} : { person, token: sessions.tokenOf(session) };
}

async function question(
  { key, environment }: Extract<Shown, { to: 'question' }>,
  site: Site,
  visit: Visit,
): Promise<Answer> {
  const asked = await statusOf(key, site).catch((error: unknown) => forgotten(error, { ...key, environment }, site));
  const page = questionPage(asked, environment, answeringAt(visit.origin, site.answering));
  return page === undefined ? notFound(site) : spoken(page, site, visit);
}

/** A version may be brought back whose release nobody remembers any more. */
async function forgotten(error: unknown, key: ReleaseKey & { readonly environment: string }, site: Site) {
  if (!(error instanceof ReleaseEngineError) || error.code !== 'release-not-found') throw error;
  const promotion = await known(site, (reader) => reader.promotion(key));
  if (promotion.rollback === undefined) throw error;
  return { promotions: [promotion] };
}

/** An environment that nobody answers for is named as such, so that no program takes it for one where nothing is stopped. */
async function environments(site: Site) {
  const { known: answered, unanswered } = await known(site, (reader) => reader.desks());
  if (answered.length > 0) site.troubles.over('worker-missing');
  else if (unanswered.length > 0) {
    const message = `no worker answers for ${unanswered.join(', ')}: stops, holds and turns there are not known`;
    throw new ReleaseEngineError('worker-missing', message);
  }
  const silent = unanswered.map((name) => ({ format: 1, kind: 'environment', environment: name, unanswered: true }));
  return [...answered, ...silent];
}

async function environment(
  { environment, form }: Extract<Shown, { to: 'environment' }>,
  site: Site,
  visit: Visit,
): Promise<Answer> {
  const [places, desks] = await known(site, (reader) =>
    Promise.all([reader.board({ environment }), reader.desks(environment)]),
  );
  const isNowhere = places.length === 0 && desks.unanswered.length === 0 && desks.known.every(isUntouched);
  const nowhere = isNowhere ? misspelt({ environment }, site) : undefined;
  if (nowhere !== undefined) return noSuch(nowhere, form, site);
  const there = withDesks(places, desks, site.now().getTime());
  if (form === 'json') return jsonAnswer(there);
  const restraining = restrainingAt(visit, site.restraining);
  const speaker = { restraining, ...(visit.person === undefined ? {} : { person: visit.person }) };
  return spoken(environmentPage(environment, there, desks, speaker, site.now()), site, visit);
}

/** The first page on which something can be said gives the browser its cookie. */
function spoken(page: Page, site: Site, visit: Visit): Answer {
  if (page.runs === undefined) return pageAnswer(page, site.assets, 200, frameOf(visit, site));
  const session = visit.session ?? site.sessions.newId();
  const frame = { ...frameOf(visit, site), token: site.sessions.tokenOf(session) };
  const drawn = pageAnswer(page, site.assets, 200, frame);
  return visit.session === undefined ? withHeaders(drawn, { 'set-cookie': cookieFor(session, visit.origin) }) : drawn;
}

async function signedIn(query: URLSearchParams, site: Site, visit: Visit): Promise<Answer> {
  const identity = site.answering.kind === 'proven' ? site.answering.identity : undefined;
  const { session, returnTo } = await finishSignIn(query, visit, site.sessions, identity);
  return withHeaders(redirectAnswer(returnTo), { 'set-cookie': cookieFor(session, visit.origin) });
}

/** The server lives; what it last heard of the engine is told, and is no reason to restart this process. */
export function healthOf({ troubles }: Site): Answer {
  const since = troubles.since('temporal-unreachable');
  return jsonAnswer({ serving: true, temporal: since === undefined ? 'not known to be away' : `away since ${since}` });
}

function asset(href: string, site: Site): Answer {
  const found = assetsOf(site.assets).find((one) => one.href === href);
  return found === undefined ? notFound(site) : assetAnswer(found);
}

interface Unknown {
  readonly what: 'environment' | 'service';
  readonly name: string;
  readonly known: readonly string[];
}

/** Where nothing is known of what was asked for: a name that nobody has configured. Undefined: they all are, or may be. */
function misspelt(
  { environment, service }: Pick<PageRequest, 'environment' | 'service'>,
  { environments, services }: Site,
): Unknown | undefined {
  if (environment !== undefined && environments?.includes(environment) === false)
    return { what: 'environment', name: environment, known: environments };
  if (service !== undefined && services?.includes(service) === false)
    return { what: 'service', name: service, known: services };
  return undefined;
}

function noSuch({ what, name, known: there }: Unknown, form: Form, { assets }: Site): Answer {
  const message = `There is no ${what} "${name}"; there are ${there.join(', ')}.`;
  const code = `${what}-unknown` as const;
  return troubleAnswer({ title: `No such ${what}`, message, remedy: 'begin at the board', code }, 404, form, assets);
}

function notFound({ assets }: Site): Answer {
  const trouble = { title: 'No such page', message: 'This address leads nowhere.', remedy: 'begin at the board' };
  return troubleAnswer(trouble, 404, 'page', assets);
}
