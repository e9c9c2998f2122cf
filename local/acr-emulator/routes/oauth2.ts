/** A registry's token service: Entra token → refresh token → access token with scopes (Azure/acr docs/AAD-OAuth.md). */
import { timingSafeEqual } from 'node:crypto';
import { rightOf } from '../data-plane-gate.ts';
import { armAudiences, identityByClientId, type Emulation, type RegistrySite } from '../emulation.ts';
import { json, readForm, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { holds, rolesOn } from '../rights.ts';
import type { Access } from '../tokens.ts';
import type { IdentityDefinition } from '../world.ts';

/** User name with which Docker clients present a refresh token as password. */
const TOKEN_USER = '00000000-0000-0000-0000-000000000000';
const REGISTRY_AUDIENCE = 'https://containerregistry.azure.net';
const ACTIONS = ['pull', 'push', 'delete', 'metadata_read', 'metadata_write'];

export function oauth2Routes(emulation: Emulation, site: RegistrySite): Route[] {
  return [
    route('POST', /^\/oauth2\/exchange$/, async (exchange) => exchangeToken(emulation, site, exchange)),
    route('POST', /^\/oauth2\/token$/, async (exchange) => tokenByForm(emulation, site, exchange)),
    route('GET', /^\/oauth2\/token$/, async (exchange) => tokenByBasic(emulation, site, exchange)),
  ];
}

async function exchangeToken(emulation: Emulation, site: RegistrySite, exchange: Exchange): Promise<Reply> {
  const form = await readForm(exchange);
  if (!(form.get('grant_type') ?? '').startsWith('access_token')) throw unsupportedGrant();
  requireService(site, form.get('service'));
  const audiences = [REGISTRY_AUDIENCE, ...armAudiences(emulation)];
  const claims = await emulation.tokens.readEntra(form.get('access_token') ?? '', audiences);
  const identity = claims && identityByClientId(emulation.world, claims.clientId);
  if (identity === undefined) throw unauthorized('the access token is invalid, expired or for another audience');
  exchange.identity = identity.name;
  requireAnyRole(emulation, site, identity);
  return json(200, { refresh_token: await emulation.tokens.refresh(identity.clientId, site.loginServer) });
}

async function tokenByForm(emulation: Emulation, site: RegistrySite, exchange: Exchange): Promise<Reply> {
  const form = await readForm(exchange);
  requireService(site, form.get('service'));
  const grant = form.get('grant_type');
  if (grant !== 'refresh_token' && grant !== 'password') throw unsupportedGrant();
  const identity =
    grant === 'refresh_token'
      ? await identityByRefreshToken(emulation, site, form.get('refresh_token') ?? '')
      : await identityByPassword(emulation, site, form.get('username') ?? '', form.get('password') ?? '');
  return answer(emulation, site, exchange, identity, form.getAll('scope'));
}

async function tokenByBasic(emulation: Emulation, site: RegistrySite, exchange: Exchange): Promise<Reply> {
  requireService(site, exchange.query.get('service'));
  const { user, password } = basicCredentials(exchange.request.headers.authorization);
  const identity = await identityByPassword(emulation, site, user, password);
  return answer(emulation, site, exchange, identity, exchange.query.getAll('scope'));
}

/** An access token for what was asked and is allowed; possibly for nothing, as the anonymous one is here. */
async function answer(
  emulation: Emulation,
  site: RegistrySite,
  exchange: Exchange,
  identity: IdentityDefinition | undefined,
  scopes: readonly string[],
): Promise<Reply> {
  exchange.identity = identity?.name ?? exchange.identity;
  const asked = scopes.flatMap((scope) => scope.split(' ')).filter((scope) => scope !== '');
  const access = asked.map(parseScope).map((entry) => ({
    ...entry,
    actions:
      identity === undefined
        ? []
        : entry.actions.filter((action) =>
            holds(emulation.world, identity.name, rightOf(action), site.definition.name),
          ),
  }));
  const granted = access.filter((entry) => entry.actions.length > 0);
  return json(200, {
    access_token: await emulation.tokens.access(identity?.clientId ?? '', site.loginServer, granted),
  });
}

/** `repository:team/app:pull,push`; the name may hold slashes, never colons. */
function parseScope(scope: string): Access {
  const [type, name, actions, ...rest] = scope.split(':');
  if (type === undefined || !name || actions === undefined || rest.length > 0) {
    throw new Refusal(400, 'UNSUPPORTED', `scope ${JSON.stringify(scope)} is not type:name:actions`);
  }
  if (type === 'registry') return { type, name, actions: name === 'catalog' && actions === '*' ? ['*'] : [] };
  const listed = actions.split(',');
  const wanted = listed.includes('*') ? ACTIONS : listed.filter((action) => ACTIONS.includes(action));
  return { type, name, actions: [...new Set(wanted)] };
}

async function identityByRefreshToken(
  emulation: Emulation,
  site: RegistrySite,
  token: string,
): Promise<IdentityDefinition> {
  const clientId = await emulation.tokens.readRefresh(token, site.loginServer);
  const identity = clientId === undefined ? undefined : identityByClientId(emulation.world, clientId);
  if (identity === undefined) throw unauthorized('the refresh token is invalid, expired or of another registry');
  return identity;
}

/** Refresh token as password, a service principal's secret, or nobody at all; the admin user does not exist. */
async function identityByPassword(
  emulation: Emulation,
  site: RegistrySite,
  user: string,
  password: string,
): Promise<IdentityDefinition | undefined> {
  if (user === '' && password === '') return undefined;
  if (user === TOKEN_USER) return identityByRefreshToken(emulation, site, password);
  const identity = identityByClientId(emulation.world, user);
  if (identity === undefined || !sameText(emulation.secrets.clients[identity.name] ?? '', password)) {
    throw unauthorized('unknown user or wrong password');
  }
  requireAnyRole(emulation, site, identity);
  return identity;
}

function basicCredentials(header: string | undefined): { user: string; password: string } {
  const encoded = /^basic (.+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return { user: '', password: '' };
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return { user: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1) };
}

/** Compares secrets without telling by time how much was right. */
export function sameText(expected: string, got: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(got);
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}

function requireAnyRole(emulation: Emulation, site: RegistrySite, identity: IdentityDefinition): void {
  if (rolesOn(emulation.world, identity.name, site.definition.name).length > 0) return;
  throw unauthorized(`${identity.name} has no role on ${site.definition.name}`);
}

function requireService(site: RegistrySite, service: string | null): void {
  if (
    service === null ||
    service === site.loginServer ||
    service.replace('localhost', '127.0.0.1') === site.loginServer
  )
    return;
  throw new Refusal(400, 'UNSUPPORTED', `service is ${service}, this registry is ${site.loginServer}`);
}

function unauthorized(why: string): Refusal {
  const text = 'authentication required, visit https://aka.ms/acr/authorization for more information.';
  return new Refusal(401, 'UNAUTHORIZED', `${text} (${why})`);
}

function unsupportedGrant(): Refusal {
  return new Refusal(400, 'UNSUPPORTED', 'the grant_type is not supported');
}
