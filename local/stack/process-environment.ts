/** The variables of a process in the local world: where Temporal, identity and configuration are, and nothing else. */
import { join } from 'node:path';
import type { Emulator } from '../acr-emulator/index.ts';
import type { Temporal } from '../temporal/start-temporal.ts';
import { checkout } from '../tools/place.mjs';
import { belongingsOf } from './people.ts';

/** A host of the emulated managed-identity endpoint; `person` has no identity at all. */
export type ProcessHost = 'pipeline' | 'worker-nonproduction' | 'worker-production' | 'auditor' | 'person';

export interface EnvironmentFacts {
  readonly host: ProcessHost;
  readonly user?: string | undefined;
  /** Folder of all people: a user who is one of them is logged in as themselves. */
  readonly peopleFolder: string;
  readonly emulator: Pick<Emulator, 'hosts' | 'caFile'>;
  readonly temporal: Pick<Temporal, 'address' | 'namespace'>;
  readonly configFile: string;
}

/** What a program needs of this machine. Everything else would be a leak: credentials, proxies, somebody's profile. */
const KEPT = ['HOME', 'LANG', 'TZ', 'TMPDIR', 'TERM', 'NO_COLOR'] as const;

export function environmentOf(facts: EnvironmentFacts): Readonly<Record<string, string>> {
  const kept = KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const identity = facts.host === 'person' ? anybody(facts.emulator) : facts.emulator.hosts[facts.host]?.env;
  return {
    ...Object.fromEntries(kept),
    PATH: `${join(checkout, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
    ...identity,
    NODE_EXTRA_CA_CERTS: facts.emulator.caFile,
    SLUICE_CONFIG: facts.configFile,
    TEMPORAL_ADDRESS: facts.temporal.address,
    TEMPORAL_NAMESPACE: facts.temporal.namespace,
    // A profile of this machine's user must not redirect the demonstration.
    TEMPORAL_CONFIG_FILE: join(facts.configFile, '..', 'temporal.toml'),
    // Nor may somebody's login on this machine: whoever is none of the people here is logged in as nobody.
    SLUICE_LOGIN: belongingsOf(facts.peopleFolder, facts.user ?? 'nobody').loginFile,
    ...(facts.user === undefined ? {} : { SLUICE_USER: facts.user }),
  };
}

/** The configuration names a subscription, which is no secret. */
function anybody(emulator: Pick<Emulator, 'hosts'>): Record<string, string> {
  const { AZURE_TENANT_ID = '', AZURE_SUBSCRIPTION_ID = '' } = emulator.hosts['pipeline']?.env ?? {};
  return { AZURE_TENANT_ID, AZURE_SUBSCRIPTION_ID };
}
