/** The configuration of the local stack with more services, so that each can be in a state of its own, and with something to wait for. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

const SERVICES = ['billing', 'mail', 'search'];

interface Written {
  readonly environments: { readonly dev: object; readonly staging: object; readonly production: object };
  readonly services: { readonly iam: object };
  readonly [key: string]: unknown;
}

/** Before the workers start. */
export function addServices(configFile: string): void {
  const written = parse(readFileSync(configFile, 'utf8')) as Written;
  const { environments, services } = written;
  const others = SERVICES.map((name) => {
    const namespace = { dev: `${name}-dev`, staging: `${name}-staging`, production: name };
    return [name, { ...services.iam, namespace }];
  });
  const gates = [{ soak: { in: 'staging', for: '12h', override: ['release-managers'] } }];
  const dev = { ...environments.dev, turns: 'latest' };
  const staging = { ...environments.staging, guardian: { every: '1m', onDrift: 'alert' } };
  const production = { ...environments.production, gates };
  const text = stringify({
    ...written,
    environments: { ...environments, dev, staging, production },
    services: { ...services, ...Object.fromEntries(others) },
    engine: { heartbeat: '5s', retryFor: '10s' },
  });
  writeFileSync(configFile, text);
}
