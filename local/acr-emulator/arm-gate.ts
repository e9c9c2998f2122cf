/** Who may do what in Azure Resource Manager: Entra tokens for its audience, and role assignments. */
import { armAudiences, identityByClientId, registryId, type Emulation, type RegistrySite } from './emulation.ts';
import type { Exchange } from './http/exchange.ts';
import { Refusal } from './http/refusal.ts';
import { holds } from './rights.ts';
import { ACTIONS, type Right } from './roles.ts';
import type { IdentityDefinition } from './world.ts';

/** The caller, or 401 as ARM says it. */
export async function requireCaller(emulation: Emulation, exchange: Exchange): Promise<IdentityDefinition> {
  const token = /^bearer (.+)$/i.exec(exchange.request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    throw refused(emulation, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
  }
  const claims = await emulation.tokens.readEntra(token, armAudiences(emulation));
  const identity = claims && identityByClientId(emulation.world, claims.clientId);
  if (identity === undefined) {
    throw refused(
      emulation,
      'InvalidAuthenticationToken',
      'The access token is invalid, expired or for another audience.',
    );
  }
  exchange.identity = identity.name;
  return identity;
}

function refused(emulation: Emulation, code: string, message: string): Refusal {
  const login = `https://${emulation.armAuthority}/${emulation.world.tenant}`;
  return new Refusal(401, code, message, {
    headers: {
      'www-authenticate': `Bearer authorization_uri="${login}", error="invalid_token", error_description="${message}"`,
    },
  });
}

/** 403 AuthorizationFailed unless the caller's roles on the registry allow the action. */
export function requireRight(emulation: Emulation, caller: IdentityDefinition, right: Right, site: RegistrySite): void {
  if (holds(emulation.world, caller.name, right, site.definition.name)) return;
  const scope = registryId(emulation.world, site.definition);
  throw new Refusal(
    403,
    'AuthorizationFailed',
    `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization to perform action '${ACTIONS[right]}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}
