/** The managed-identity endpoint of Azure App Service (api-version 2019-08-01), over plain HTTP like the real one. */
import type { Emulation } from '../emulation.ts';
import { json, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { withoutSlash } from '../tokens.ts';
import { sameText } from './oauth2.ts';

export const IDENTITY_PATH = '/msi/token';

export function identityRoutes(emulation: Emulation): Route[] {
  return [route('GET', /^\/msi\/token$/, async (exchange) => issueToken(emulation, exchange))];
}

async function issueToken(emulation: Emulation, exchange: Exchange): Promise<Reply> {
  const { world, secrets } = emulation;
  const header = String(exchange.request.headers['x-identity-header'] ?? '');
  const host = Object.keys(world.hosts).find((candidate) => sameText(secrets.hosts[candidate] ?? '', header));
  if (host === undefined) throw refused(401, 'X-IDENTITY-HEADER is missing or of no host');
  if (exchange.query.get('api-version') !== '2019-08-01') throw refused(400, 'api-version must be 2019-08-01');
  const resource = exchange.query.get('resource');
  if (resource === null || resource === '') throw refused(400, 'resource is missing');

  const assumable = world.identities
    .filter(({ name }) => world.hosts[host]?.includes(name))
    .sort((a, b) => (world.hosts[host]?.indexOf(a.name) ?? 0) - (world.hosts[host]?.indexOf(b.name) ?? 0));
  const clientId = exchange.query.get('client_id');
  const identity = clientId === null ? assumable[0] : assumable.find((candidate) => candidate.clientId === clientId);
  if (identity === undefined) throw refused(400, `host ${host} has no identity with client_id ${clientId}`);
  exchange.identity = identity.name;
  const audience = withoutSlash(resource.replace(/\/\.default$/, ''));
  return json(200, {
    access_token: await emulation.tokens.entra(identity, audience),
    expires_on: String(Math.floor(Date.now() / 1000) + emulation.tokens.lifetimes.entra),
    resource,
    token_type: 'Bearer',
    client_id: identity.clientId,
  });
}

function refused(status: number, message: string): Refusal {
  return new Refusal(status, status === 401 ? 'unauthorized' : 'invalid_request', message);
}
