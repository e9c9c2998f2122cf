import type { Exchange } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import type { World } from '../world.ts';

export function requireTenant(world: World, exchange: Exchange): void {
  const tenant = exchange.params['tenant'];
  if (tenant === world.tenant || tenant === 'organizations') return;
  throw new Refusal(400, 'invalid_request', `AADSTS90002: Tenant '${tenant}' not found.`);
}
