/**
 * Who may answer for production, as `sluice.yaml` says it: ada and linus by keys of their own, and everybody of the emulated tenant who
 * is in its group. With the zone's own verification, for scripted engines.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { checkApproval } from '../../../activities/approvals.ts';
import { checkOverride } from '../../../activities/overrides.ts';
import type { Zone } from '../../../activities/zone.ts';
import {
  type Emulator,
  RELEASE_MANAGERS_ID,
  SLUICE_CLIENT_ID,
  startEmulator,
} from '../../../local/acr-emulator/index.ts';
import { createMemoryCluster } from '../../../src/adapters/cluster/memory/memory-cluster.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Activities } from '../../../src/contract/activities.ts';
import type { ApprovalRule } from '../../../src/domain/rulebook.ts';
import { wireEnvironment } from '../../../src/worker/wire.ts';
import { aPerson } from '../../support/people.ts';
import { PUBLIC_KEY } from '../../unit/config/written.ts';

export interface People {
  readonly folder: string;
  readonly configFile: string;
  readonly emulator: Emulator;
  /** The rule of production: two people. */
  readonly rule: ApprovalRule;
  readonly checkApproval: Activities['checkApproval'];
  /** Production's gate "hours" may be passed by release managers. */
  readonly checkOverride: Activities['checkOverride'];
  /** PEM file of somebody's private key; eve's is known to nobody. */
  keyFile(name: 'ada' | 'linus' | 'eve'): string;
  stop(): Promise<void>;
}

export async function startPeople(): Promise<People> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-people-'));
  const emulator = await startEmulator({ dir: join(folder, 'emulator'), signIn: { pollSeconds: 0 } });
  mkdirSync(join(folder, 'keys'));
  const keyFile = (name: string): string => join(folder, 'keys', `${name}.pem`);
  for (const [name, kind] of [
    ['ada', 'ed25519'],
    ['linus', 'p-256'],
    ['eve', 'ed25519'],
  ] as const) {
    const { privateKey, pem } = aPerson(name, kind);
    writeFileSync(keyFile(name), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    writeFileSync(`${keyFile(name)}.pub`, pem);
  }
  writeFileSync(join(folder, 'keys', 'cosign.pub'), PUBLIC_KEY);
  const configFile = join(folder, 'sluice.yaml');
  writeFileSync(configFile, stringify(configuration(emulator)));
  const config = await loadConfig(configFile);
  const { approvals } = wireEnvironment(config, 'production');
  const rule = config.rulebook.environments['production']?.approval;
  if (rule === undefined) throw new Error('production asks nobody');
  const zone = {
    environment: 'production',
    rulebook: config.rulebook,
    ports: { approvals, records: createMemoryCluster().records },
    now: () => new Date(),
  } as unknown as Zone;
  return {
    folder,
    configFile,
    emulator,
    rule,
    checkApproval: (request) => checkApproval(zone, request),
    checkOverride: (request) => checkOverride(zone, request),
    keyFile,
    async stop() {
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const HOURS = {
  hours: { zone: 'UTC', days: 'Mon-Fri', from: '09:00', to: '17:00', override: ['release-managers'] },
};

function configuration({ signIn, caFile }: Emulator): object {
  const environment = (name: string): object => ({
    registry: { acr: `onestream${name}`, resourceGroup: 'rg', subscription: 'sub' },
    cluster: { simulated: true },
  });
  const approvals = [{ required: 2, from: ['release-managers'], not: ['requester'] }];
  const holder = (name: string): object => ({ name, key: `keys/${name}.pem.pub`, aliases: [`${name}@example.test`] });
  return {
    version: 1,
    path: ['dev', 'staging', 'production'],
    environments: {
      dev: environment('dev'),
      staging: environment('staging'),
      production: { ...environment('prod'), approvals, gates: [HOURS] },
    },
    trust: {
      signatures: [{ key: 'keys/cosign.pub' }],
      approvers: { 'release-managers': [holder('ada'), holder('linus')] },
      identity: {
        issuer: signIn.issuer,
        clientId: SLUICE_CLIENT_ID,
        groups: { 'release-managers': RELEASE_MANAGERS_ID },
        ca: caFile,
      },
    },
    services: { iam: {} },
  };
}
