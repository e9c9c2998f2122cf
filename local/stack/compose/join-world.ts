/**
 * For a world whose parts run elsewhere (containers): takes the emulator and an API server as they are, gives each environment its
 * account, runs the simulated nodes, and writes `sluice.yaml` and the variables of each process.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DEFAULT_WORLD } from '../../acr-emulator/index.ts';
import { type EmulatorFacts, startClusters } from '../clusters.ts';
import { configurationText } from '../configuration.ts';
import type { Parts } from '../parts.ts';
import { belongingsOf, logInEverybody, PEOPLE } from '../people.ts';
import { makeRecordKeys } from '../record-keys.ts';

export interface JoinOptions {
  /** The emulator's data folder. */
  readonly emulatorDir: string;
  /** Name by which this network reaches the emulator. */
  readonly emulatorHost: string;
  /** Folder with `k3s.yaml` and `tokens.csv` (token,user,uid,groups). */
  readonly clusterDir: string;
  /** Address of the API server for this network; undefined: as in `k3s.yaml`. */
  readonly apiServer?: string;
  readonly temporalAddress: string;
  /** Where results go. */
  readonly worldDir: string;
}

/** Written last. */
export const READY_FILE = 'ready';

export async function joinWorld(parts: Parts, options: JoinOptions): Promise<void> {
  const at = (name: string): string => join(options.worldDir, name);
  mkdirSync(options.worldDir, { recursive: true });
  rmSync(at(READY_FILE), { force: true });
  const emulator = describeEmulator(options.emulatorDir, options.emulatorHost);
  const kubeconfig = at('admin.kubeconfig');
  writeFileSync(kubeconfig, adminKubeconfig(options), { mode: 0o600 });
  const clusters = await startClusters(parts, { dir: at('clusters'), emulator, ports: 'default', kubeconfig });
  const people = at('people');
  logInEverybody(people);
  const recordKeys = at('records');
  makeRecordKeys(recordKeys);
  const proof = { kind: 'keys', folder: people } as const;
  writeFileSync(at('sluice.yaml'), configurationText({ emulator, clusters, proof, recordKeys }));
  const everybody = {
    NODE_EXTRA_CA_CERTS: emulator.caFile,
    SLUICE_CONFIG: at('sluice.yaml'),
    TEMPORAL_ADDRESS: options.temporalAddress,
    AZURE_SUBSCRIPTION_ID: DEFAULT_WORLD.subscription,
  };
  for (const [host, { env }] of Object.entries(emulator.hosts))
    writeVariables(at(`${host}.env`), { ...everybody, ...env });
  for (const { name } of PEOPLE) {
    const { environmentFile, loginFile } = belongingsOf(people, name);
    writeVariables(environmentFile, { ...everybody, SLUICE_USER: name, SLUICE_LOGIN: loginFile });
  }
  writeFileSync(at(READY_FILE), '');
}

function writeVariables(file: string, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}

/** What `startEmulator` answers, from the folder of an emulator in another process. */
export function describeEmulator(dir: string, hostname: string): EmulatorFacts {
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(dir, name), 'utf8')) as T;
  const ports = read<Record<string, number>>('ports.json');
  const address = (site: string): string => `${hostname}:${ports[site]}`;
  const identityEndpoint = `http://${address('identity')}/msi/token`;
  const hosts = Object.entries(read<Record<string, string>>('hosts.json')).map(([host, header]) => {
    const env = {
      IDENTITY_ENDPOINT: identityEndpoint,
      IDENTITY_HEADER: header,
      AZURE_TENANT_ID: DEFAULT_WORLD.tenant,
      AZURE_SUBSCRIPTION_ID: DEFAULT_WORLD.subscription,
    };
    return [host, { header, env }] as const;
  });
  return {
    registries: Object.fromEntries(DEFAULT_WORLD.registries.map(({ name }) => [name, { loginServer: address(name) }])),
    resourceManager: `https://${address('arm')}`,
    caFile: join(dir, 'ca.pem'),
    identityEndpoint,
    hosts: Object.fromEntries(hosts),
  };
}

/** The API server's own kubeconfig with the static token in place of its client certificate. */
function adminKubeconfig({ clusterDir, apiServer }: JoinOptions): string {
  const given = parse(readFileSync(join(clusterDir, 'k3s.yaml'), 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  };
  const [token] = readFileSync(join(clusterDir, 'tokens.csv'), 'utf8').split(',');
  const cluster = { ...given.clusters[0].cluster, ...(apiServer === undefined ? {} : { server: apiServer }) };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'admin',
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'admin', context: { cluster: 'cluster', user: 'admin' } }],
  });
}
