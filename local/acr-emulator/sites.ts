/** Which routes stand on which port. */
import { createHmac } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { effect } from './changes.ts';
import { DataPlaneGate } from './data-plane-gate.ts';
import type { Emulation, RegistrySite } from './emulation.ts';
import { empty, route } from './http/exchange.ts';
import { createListener, type AccessEntry } from './http/listener.ts';
import { Refusal } from './http/refusal.ts';
import { blobRoutes } from './routes/v2-blobs.ts';
import { identityRoutes } from './routes/identity.ts';
import { manifestRoutes } from './routes/v2-manifests.ts';
import { oauth2Routes } from './routes/oauth2.ts';
import { acrRoutes } from './routes/acr-v1.ts';
import { listRoutes } from './routes/v2-lists.ts';
import { armRoutes } from './routes/arm.ts';
import { importRoutes } from './routes/arm-import.ts';
import { authorizeRoutes } from './routes/authorize.ts';
import { deviceLoginRoutes } from './routes/device-login.ts';
import { loginRoutes } from './routes/login.ts';
import { controlRoutes } from './routes/control.ts';

export function registryListener(emulation: Emulation, site: RegistrySite): RequestListener {
  const gate = new DataPlaneGate(emulation, site);
  const { store } = site;
  const sign = (path: string): string =>
    createHmac('sha256', emulation.secrets.operations).update(path).digest('base64url');
  const redirect = emulation.settings.redirectBlobs ? { sign } : undefined;
  return createListener({
    site: site.definition.name,
    scheme: 'https',
    authority: () => site.loginServer,
    dialect: () => 'oci',
    headers: { server: 'openresty', 'docker-distribution-api-version': 'registry/2.0' },
    faults: emulation.faults,
    invalidToken: (exchange) => gate.invalidToken(exchange),
    onAnswer: (entry) => {
      logRefusal(emulation, site, entry);
      emulation.logAccess(entry);
    },
    routes: [
      route('GET HEAD', /^\/v2\/?$/, async (exchange) => {
        await gate.requireToken(exchange);
        return empty(200);
      }),
      ...oauth2Routes(emulation, site),
      ...acrRoutes(site, gate),
      ...listRoutes(store, gate, emulation.settings),
      ...manifestRoutes(store, gate),
      ...blobRoutes(store, gate, redirect),
    ],
  });
}

const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** A change that was not allowed belongs into the log of effects: tests prove by it that a wall stood. */
function logRefusal(emulation: Emulation, site: RegistrySite, entry: AccessEntry): void {
  if (!CHANGING.includes(entry.method) || ![403, 405].includes(entry.status)) return;
  const { method, path, status, code } = entry;
  const facts = { request: `${method} ${path}`, status, ...(code === undefined ? {} : { code }) };
  site.store.log([effect(site.store, { identity: entry.identity }, 'refused', facts)]);
}

const LOGIN_PATH = /\/(?:oauth2|\.well-known|discovery)\/|\/devicelogin$/;

export function armListener(emulation: Emulation): RequestListener {
  return createListener({
    site: 'arm',
    scheme: 'https',
    authority: () => emulation.armAuthority,
    dialect: (path) => (LOGIN_PATH.test(path) ? 'oauth' : 'arm'),
    headers: { 'x-ms-ratelimit-remaining-subscription-writes': '800' },
    faults: emulation.faults,
    invalidToken: () => new Refusal(401, 'InvalidAuthenticationToken', 'The access token is invalid.'),
    onAnswer: emulation.logAccess,
    routes: [
      ...controlRoutes(emulation),
      ...importRoutes(emulation),
      ...armRoutes(emulation),
      ...loginRoutes(emulation),
      ...deviceLoginRoutes(emulation),
      ...authorizeRoutes(emulation),
    ],
  });
}

export function identityListener(emulation: Emulation): RequestListener {
  return createListener({
    site: 'identity',
    scheme: 'http',
    authority: () => '127.0.0.1',
    dialect: () => 'oauth',
    headers: {},
    faults: emulation.faults,
    invalidToken: () => new Refusal(401, 'unauthorized', 'injected fault'),
    onAnswer: emulation.logAccess,
    routes: identityRoutes(emulation),
  });
}
