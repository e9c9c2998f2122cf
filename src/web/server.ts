/** `sluice serve`: HTTP around the site. What it does not only show, it hands on as the person signed it. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BOARD_SHOWS, type ReleaseView } from '../client/index.ts';
import type { ErrorCode } from '../domain/error-code.ts';
import { type Answer, troubleAnswer, withHeaders } from './answer.ts';
import { readAssets } from './assets.ts';
import type { Answering, Forwarder } from './answering/answering.ts';
import { answerToPost, isTaken } from './answering/posts.ts';
import { Sessions } from './answering/sessions.ts';
import { Turnstile } from './answering/turnstile.ts';
import { visitOf } from './answering/visit.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { allowedHosts, inUrl, isAllowedHost } from './hosts.ts';
import { temporalLink } from './links.ts';
import { Journeys } from './live/journeys.ts';
import { viewerOn } from './live/viewer.ts';
import { type Drawing, drawingOf } from './pages/drawing.ts';
import { renderJourney } from './pages/release.ts';
import type { Restrainer, Restraining } from './restraining/restraining.ts';
import { type Reader, lazily } from './reader.ts';
import { type Post, type Route, postOf, routeOf } from './routes.ts';
import { type Site, answerTo, answerToError, healthOf } from './site.ts';
import { Troubles } from './troubles.ts';

export interface ServeOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Public name for which a reverse proxy asks. */
  readonly behindProxy?: string;
  /** Where Temporal's own screen is. */
  readonly temporalUi?: string;
  readonly namespace: string;
  readonly open: () => Promise<Reader & Forwarder & Restrainer>;
  /** Takes no answers unless given. */
  readonly answering?: Answering;
  /** Environments of the configuration; undefined: not known here, and every name may be one. */
  readonly environments?: readonly string[];
  /** Services of the configuration; undefined: as above. */
  readonly services?: readonly string[];
  /** Lets nobody stop or hold unless given. */
  readonly restraining?: Restraining;
  /** What to do about a code where the engine does not say it. */
  readonly remedyOf?: (code: ErrorCode) => string | undefined;
  readonly onDefect: (error: unknown) => void;
  /** Streams at once, 200 unless given. */
  readonly viewers?: number;
  readonly heartbeatMs?: number;
  readonly now?: () => Date;
}

export interface WebServer {
  readonly url: string;
  /** Releases that are watched for somebody at this moment. */
  readonly watched: () => number;
  close(): Promise<void>;
}

const LONGEST_URL = 2_048;
const VIEWERS = 200;
const HEARTBEAT_MS = 15_000;
/** Handed on at once. */
const ANSWERS = 50;
/** Requests here are small: whoever takes longer to ask only holds a socket. */
const LIMITS = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 10_000 };

interface Serving {
  readonly site: Site;
  readonly journeys: Journeys;
  readonly hosts: ReadonlySet<string>;
  readonly behindProxy: string | undefined;
}

/** Rejects when the address cannot be listened on. */
export async function serveWeb(options: ServeOptions): Promise<WebServer> {
  const now = options.now ?? (() => new Date());
  const reader = lazily(options.open);
  const temporal = temporalLink(options.temporalUi, options.namespace);
  const { onDefect, viewers = VIEWERS, heartbeatMs = HEARTBEAT_MS } = options;
  const site: Site = {
    reader,
    assets: readAssets(),
    temporal,
    troubles: new Troubles(now, options.remedyOf),
    now,
    onDefect,
    answering: options.answering ?? { kind: 'none' },
    restraining: options.restraining ?? { kind: 'none' },
    forwarder: reader,
    environments: options.environments,
    services: options.services,
    sessions: new Sessions(now),
    turnstile: new Turnstile(ANSWERS),
  };
  const draw = (view: ReleaseView): Drawing => drawingOf(renderJourney(view, temporal));
  const journeys = new Journeys({ reader, draw, viewers, heartbeatMs });
  const server = createServer(LIMITS);
  const bound = await listen(server, options);
  const hosts = allowedHosts({ ...bound, address: options.address }, options.behindProxy);
  const serving = { site, journeys, hosts, behindProxy: options.behindProxy };
  server.on('request', (request, response) => void handle(request, response, serving));
  // the first look at the board is the slow one; what it cannot see now a page will say
  void reader()
    .then((client) => client.board({ newest: BOARD_SHOWS }))
    .catch(() => undefined);
  return {
    url: `http://${inUrl(options.address)}:${bound.port}/`,
    watched: () => journeys.watched,
    close: () => close(server, journeys),
  };
}

async function listen(server: Server, { address, port }: ServeOptions): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return server.address() as AddressInfo;
}

async function close(server: Server, journeys: Journeys): Promise<void> {
  journeys.stop();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function handle(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  try {
    const asked = admit(request, serving);
    if ('status' in asked) return send(request, response, asked);
    const { route, post } = asked;
    if (route?.to === 'events') return await stream(request, response, route, serving);
    if (route?.to === 'health') return send(request, response, healthOf(serving.site));
    const visit = visitOf(request, serving.site.sessions, serving.behindProxy);
    const answer =
      post === undefined ? answerTo(route, serving.site, visit) : answerToPost(post, request, visit, serving.site);
    send(request, response, await answer);
  } catch (error) {
    serving.site.onDefect(error);
    response.destroy();
  }
}

/** What is asked for, or why not even that is looked at. */
function admit(
  { method, headers, url = '/' }: IncomingMessage,
  { site, hosts }: Serving,
): Answer | { readonly route?: Route; readonly post?: Post } {
  const asked = method === 'POST' ? postOf(url) : undefined;
  const post = asked !== undefined && isTaken(asked, site) ? asked : undefined;
  if (method !== 'GET' && method !== 'HEAD' && post === undefined) {
    const message = 'Here one can only look.';
    return withHeaders(refusal('Not here', message, 405, site), { allow: 'GET, HEAD' });
  }
  if (url.length > LONGEST_URL) return refusal('Too long', 'No page has such an address.', 414, site);
  const route = url.startsWith('/') ? routeOf(new URL(`http://server${url.replace(/^\/+/, '/')}`)) : undefined;
  // whoever looks after the process asks for it by number
  if (route?.to !== 'health' && !isAllowedHost(headers.host, hosts)) {
    const remedy = `ask for one of: ${[...hosts].join(', ')}; behind a proxy, name it with --behind-proxy`;
    return refusal('Not the server you asked for', 'It does not answer under this name.', 421, site, remedy);
  }
  return { ...(route === undefined ? {} : { route }), ...(post === undefined ? {} : { post }) };
}

function refusal(title: string, message: string, status: number, { assets }: Site, remedy?: string): Answer {
  return troubleAnswer({ title, message, ...(remedy === undefined ? {} : { remedy }) }, status, 'page', assets);
}

async function stream(
  request: IncomingMessage,
  response: ServerResponse,
  { key }: Extract<Route, { to: 'events' }>,
  { site, journeys }: Serving,
): Promise<void> {
  if (request.method === 'HEAD') return send(request, response, eventsHead());
  if (journeys.full) {
    const message = 'As many people follow releases as this server allows. Reload the page to see what has happened.';
    return send(request, response, refusal('Too many viewers', message, 503, site));
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const lastSeen = request.headers['last-event-id'];
  try {
    await journeys.join(key, viewerOn(response, typeof lastSeen === 'string' ? lastSeen : undefined), gone.signal);
  } catch (error) {
    if (!response.headersSent) send(request, response, answerToError(error, 'page', site));
  }
}

function eventsHead(): Answer {
  return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: '' };
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, 'content-length': length });
  response.end(method === 'HEAD' ? undefined : body);
}
