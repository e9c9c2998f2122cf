/** The login service: its token endpoint, and the documents that clients read before. People sign in next door. */
import { identityByClientId, type Emulation } from '../emulation.ts';
import { json, readForm, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { withoutSlash } from '../tokens.ts';
import { sameText } from './oauth2.ts';
import { issuePersonTokens, PERSON_GRANT_TYPES } from './person-grants.ts';
import { requireTenant } from './tenant.ts';

const CLAIMS = 'sub iss aud exp iat nbf nonce oid tid ver name preferred_username groups roles'.split(' ');

export function loginRoutes(emulation: Emulation): Route[] {
  return [
    route('GET', /^\/metadata\/endpoints$/, (exchange) => json(200, showCloud(exchange))),
    route('GET', /^\/common\/discovery\/instance$/, (exchange) => json(200, showInstance(emulation, exchange))),
    route('GET', /^\/(?<tenant>[^/]+)(?:\/v2\.0)?\/\.well-known\/openid-configuration$/, (exchange) =>
      json(200, showConfiguration(emulation, exchange)),
    ),
    route('GET', /^\/(?<tenant>[^/]+)\/discovery(?:\/v2\.0)?\/keys$/, (exchange) => showKeys(emulation, exchange)),
    route('POST', /^\/(?<tenant>[^/]+)\/oauth2(?:\/v2\.0)?\/token$/, (exchange) => issueToken(emulation, exchange)),
  ];
}

async function issueToken(emulation: Emulation, exchange: Exchange): Promise<Reply> {
  requireTenant(emulation.world, exchange);
  const form = await readForm(exchange);
  const tokens = await issuePersonTokens(emulation, exchange, form);
  if (tokens !== undefined) return tokens;
  if (form.get('grant_type') !== 'client_credentials') {
    const known = ['client_credentials', ...PERSON_GRANT_TYPES].join(', ');
    throw new Refusal(400, 'unsupported_grant_type', `AADSTS70003: the emulator supports ${known} only.`);
  }
  const clientId = form.get('client_id') ?? '';
  const identity = identityByClientId(emulation.world, clientId);
  if (identity === undefined) {
    throw new Refusal(
      400,
      'unauthorized_client',
      `AADSTS700016: Application with identifier '${clientId}' was not found.`,
    );
  }
  if (!sameText(emulation.secrets.clients[identity.name] ?? '', form.get('client_secret') ?? '')) {
    throw new Refusal(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
  }
  exchange.identity = identity.name;
  const audience = readAudience(form);
  const seconds = emulation.tokens.lifetimes.entra;
  return json(200, {
    token_type: 'Bearer',
    expires_in: seconds,
    ext_expires_in: seconds,
    access_token: await emulation.tokens.entra(identity, audience),
  });
}

/** `scope=<resource>/.default` (v2) or `resource=<resource>` (v1). */
function readAudience(form: URLSearchParams): string {
  const scope = form
    .get('scope')
    ?.split(' ')
    .find((item) => item.endsWith('/.default'));
  const resource = scope?.slice(0, -'/.default'.length) ?? form.get('resource');
  if (resource) return withoutSlash(resource);
  throw new Refusal(400, 'invalid_scope', 'AADSTS1002012: scope must be <resource>/.default.');
}

function showConfiguration(emulation: Emulation, exchange: Exchange): unknown {
  requireTenant(emulation.world, exchange);
  const tenant = exchange.params['tenant'];
  const base = `${exchange.origin}/${tenant}`;
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    grant_types_supported: ['client_credentials', ...PERSON_GRANT_TYPES],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    scopes_supported: ['openid', 'profile', 'offline_access'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: CLAIMS,
  };
}

/** Keys for people's tokens, and the one for applications' tokens, which is of another kind. */
async function showKeys({ world, signIn, tokens }: Emulation, exchange: Exchange): Promise<Reply> {
  requireTenant(world, exchange);
  return json(200, { keys: [...(await signIn.keys.published()), tokens.publicJwk] });
}

function showInstance(emulation: Emulation, exchange: Exchange): unknown {
  const host = new URL(exchange.origin).host;
  return {
    tenant_discovery_endpoint: `${exchange.origin}/${emulation.world.tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

/** What `az cloud register --endpoint-resource-manager` reads (api-version 2022-09-01). */
function showCloud(exchange: Exchange): unknown {
  const { origin } = exchange;
  return {
    name: 'SluiceEmulator',
    resourceManager: origin,
    portal: origin,
    authentication: {
      loginEndpoint: origin,
      audiences: ['https://management.core.windows.net', 'https://management.azure.com'],
      tenant: 'common',
      identityProvider: 'AAD',
    },
    graphAudience: origin,
    graph: origin,
    suffixes: { acrLoginServer: new URL(origin).hostname, keyVaultDns: 'vault.invalid', storage: 'storage.invalid' },
  };
}
