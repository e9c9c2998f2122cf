/** Who may do what on a registry's data plane: bearer tokens, their scopes, and the challenges that ask for them. */
import { identityByClientId, type Emulation, type RegistrySite } from './emulation.ts';
import type { Exchange } from './http/exchange.ts';
import { Refusal } from './http/refusal.ts';
import { holds } from './rights.ts';
import type { Right } from './roles.ts';
import type { Access, RegistryClaims } from './tokens.ts';

/** Actions as scopes name them. */
export type ScopeAction = 'pull' | 'push' | 'delete' | 'metadata_read' | 'metadata_write';

const AUTHENTICATION_REQUIRED = 'authentication required, visit https://aka.ms/acr/authorization for more information.';
export const ANONYMOUS = 'anonymous';

/** Everything the gate needs to answer with the right challenge. */
interface Demand {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** Any one of these suffices. */
  readonly anyOf: readonly string[];
  /** What the challenge asks for, e.g. `pull,push`. */
  readonly scope: string;
}

export class DataPlaneGate {
  readonly #emulation: Emulation;
  readonly #site: RegistrySite;

  constructor(emulation: Emulation, site: RegistrySite) {
    this.#emulation = emulation;
    this.#site = site;
  }

  /** A valid token, whatever its scope. */
  async requireToken(exchange: Exchange): Promise<void> {
    await this.#claims(exchange, undefined);
  }

  /**
   * The caller's name, if the token carries one of the actions on the repository. Otherwise 401 with a challenge (no
   * token, or one that could be had with more scope) or 403 DENIED (the identity lacks the right itself).
   */
  require(
    exchange: Exchange,
    repository: string,
    anyOf: readonly ScopeAction[],
    scope: string = anyOf.join(','),
  ): Promise<string> {
    return this.#require(exchange, { type: 'repository', name: repository, anyOf, scope });
  }

  requireCatalog(exchange: Exchange): Promise<string> {
    return this.#require(exchange, { type: 'registry', name: 'catalog', anyOf: ['*'], scope: '*' });
  }

  /** Whether the token of the request also covers another repository; for mounts. */
  async alsoCovers(exchange: Exchange, repository: string, action: ScopeAction): Promise<boolean> {
    const claims = await this.#read(exchange);
    return (
      claims !== undefined &&
      covers(claims.access, { type: 'repository', name: repository, anyOf: [action], scope: action })
    );
  }

  async #require(exchange: Exchange, demand: Demand): Promise<string> {
    const claims = await this.#claims(exchange, demand);
    const identity = identityByClientId(this.#emulation.world, claims.clientId);
    exchange.identity = identity?.name ?? ANONYMOUS;
    if (covers(claims.access, demand)) return exchange.identity;
    const mayAsk = demand.anyOf.some((action) =>
      holds(this.#emulation.world, exchange.identity, rightOf(action), this.#site.definition.name),
    );
    if (identity === undefined || mayAsk) throw this.#challenge(exchange, demand, 'insufficient_scope');
    throw new Refusal(403, 'DENIED', 'requested access to the resource is denied', { detail: details(demand) });
  }

  async #claims(exchange: Exchange, demand: Demand | undefined): Promise<RegistryClaims> {
    const header = exchange.request.headers.authorization;
    if (header === undefined) throw this.#challenge(exchange, demand);
    const claims = await this.#read(exchange);
    if (claims === undefined) throw this.#challenge(exchange, demand, 'invalid_token');
    exchange.identity = identityByClientId(this.#emulation.world, claims.clientId)?.name ?? ANONYMOUS;
    return claims;
  }

  #read(exchange: Exchange): Promise<RegistryClaims | undefined> {
    const token = /^bearer (.+)$/i.exec(exchange.request.headers.authorization ?? '')?.[1];
    if (token === undefined) return Promise.resolve(undefined);
    return this.#emulation.tokens.readAccess(token, this.#site.loginServer);
  }

  /** 401 as a fault asks for it. */
  invalidToken(exchange: Exchange): Refusal {
    return this.#challenge(exchange, undefined, 'invalid_token');
  }

  #challenge(exchange: Exchange, demand: Demand | undefined, error?: string): Refusal {
    const parts = [`realm="${exchange.origin}/oauth2/token"`, `service="${this.#site.loginServer}"`];
    if (demand !== undefined) parts.push(`scope="${demand.type}:${demand.name}:${demand.scope}"`);
    if (error !== undefined) parts.push(`error="${error}"`);
    return new Refusal(401, 'UNAUTHORIZED', AUTHENTICATION_REQUIRED, {
      headers: { 'www-authenticate': `Bearer ${parts.join(',')}` },
      ...(demand === undefined ? {} : { detail: details(demand) }),
    });
  }
}

function covers(access: readonly Access[], demand: Demand): boolean {
  return access.some(
    (entry) =>
      entry.type === demand.type &&
      entry.name === demand.name &&
      entry.actions.some((action) => demand.anyOf.includes(action)),
  );
}

function details(demand: Demand): unknown[] {
  return demand.scope.split(',').map((action) => ({ Type: demand.type, Name: demand.name, Action: action }));
}

/** The right behind an action of a scope. */
export function rightOf(action: string): Right {
  return action === '*' ? 'catalog' : (action as Right);
}
