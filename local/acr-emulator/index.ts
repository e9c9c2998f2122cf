/** The emulated Azure in this process: three registries, their ARM and login endpoint, a managed-identity endpoint. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueCertificate } from './certificates.ts';
import { claimFolder, openSecrets } from './data-folder.ts';
import { EffectLog, type Effect } from './effects.ts';
import type { Emulation, RegistrySite } from './emulation.ts';
import { FaultBoard, type Fault } from './faults.ts';
import type { AccessEntry } from './http/listener.ts';
import { ImportDesk } from './imports.ts';
import { SLUICE_CLIENT_ID, type People } from './people/directory.ts';
import type { SignInSettings } from './people/grants.ts';
import { decideDeviceCode, openSignIn } from './people/sign-in.ts';
import { IDENTITY_PATH } from './routes/identity.ts';
import { DEFAULT_PORT_BASE, openServer, portsFrom, rememberedPorts, rememberPorts, type OpenServer } from './server.ts';
import { armListener, identityListener, registryListener } from './sites.ts';
import { RegistryStore } from './store/registry-store.ts';
import { DEFAULT_LIFETIMES, TokenService, type TokenLifetimes } from './tokens.ts';
import { DEFAULT_WORLD, type World } from './world.ts';

export type { Effect, EffectKind } from './effects.ts';
export type { Fault } from './faults.ts';
export { DEVELOPERS_ID, RELEASE_MANAGERS_ID, SLUICE_CLIENT_ID, type People } from './people/directory.ts';
export type { SignInSettings } from './people/grants.ts';
export { DEFAULT_WORLD, type World } from './world.ts';

export interface EmulatorOptions {
  /** Data folder; everything is kept there. */
  readonly dir: string;
  /** `default`: 16500 and on; `free` (default): any, the same ones after a restart in the same folder. */
  readonly ports?: 'default' | 'free' | { readonly base: number };
  readonly world?: World;
  /** How long an import takes; 50 by default. */
  readonly importDurationMs?: number;
  /** `Retry-After` of import answers, seconds; omitted by default, so that the client's own interval rules. ACR: 10. */
  readonly importRetryAfterSeconds?: number;
  /** Status of a poll that reports a tag conflict; what ACR uses is not known. Default 409. */
  readonly conflictStatus?: number;
  /** Blobs are served by a 307 to another address without authentication, as ACR does. Default false. */
  readonly redirectBlobs?: boolean;
  /** Largest page of referrers; 100 by default. */
  readonly referrersPage?: number;
  /** Seconds. */
  readonly tokenLifetimes?: Partial<TokenLifetimes>;
  /** Lifetimes and habits of people's sign-ins. */
  readonly signIn?: Partial<SignInSettings>;
  readonly faults?: readonly Fault[];
  /** Write `access.jsonl`. */
  readonly accessLog?: boolean;
  /** Address to listen on, 127.0.0.1 by default. */
  readonly listen?: string;
  /** Name by which clients reach the emulator, 127.0.0.1 by default. */
  readonly hostname?: string;
}

export interface Emulator {
  /** ARM and login endpoint, `https://127.0.0.1:P`. */
  readonly resourceManager: string;
  /** PEM of the authority that signed the server certificates. */
  readonly caFile: string;
  readonly registries: Readonly<Record<string, { readonly loginServer: string }>>;
  /** `http://127.0.0.1:P/msi/token` */
  readonly identityEndpoint: string;
  readonly hosts: Readonly<Record<string, { readonly header: string; readonly env: Readonly<Record<string, string>> }>>;
  readonly servicePrincipals: Readonly<Record<string, { readonly clientId: string; readonly secret: string }>>;
  /** Secret for `PUT https://…/_emulator/faults`, header `x-emulator-secret`. */
  readonly adminSecret: string;
  /** Where people sign in: OpenID Connect as Entra speaks it. */
  readonly signIn: SignInAddress;
  /** Everything that changed a registry since the folder was made. */
  effects(): readonly Effect[];
  readonly faults: { set(fault: Fault): void; clear(): void };
  close(): Promise<void>;
}

export interface SignInAddress {
  /** `https://127.0.0.1:P/<tenant>/v2.0` */
  readonly issuer: string;
  readonly clientId: string;
  readonly people: People;
  /** What the page does, without the page: the person named by `user` approves or denies the device's code. */
  decide(userCode: string, user: string, decision: 'approve' | 'deny'): void;
  /** Signs with the next key from now on. */
  rotateKeys(): Promise<void>;
  /** Publishes used keys no longer. */
  retireKeys(): Promise<void>;
}

const DEFAULT_IMPORT_MS = 50;
const LOOPBACK = '127.0.0.1';

/** Starts the emulator. Throws when a port is taken or another process uses the folder. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const release = await claimFolder(
    options.dir,
    options.listen ?? LOOPBACK,
    rememberedPorts(options.dir, [])['arm'] ?? 0,
  );
  const opened: OpenServer[] = [];
  try {
    return await start(options, opened, release);
  } catch (error) {
    await Promise.all(opened.map((server) => server.close()));
    release();
    throw error;
  }
}

async function start(options: EmulatorOptions, opened: OpenServer[], release: () => void): Promise<Emulator> {
  const { dir, world = DEFAULT_WORLD, hostname = LOOPBACK } = options;
  const secrets = await openSecrets(dir, world);
  const certificate = await issueCertificate(dir, [...new Set([LOOPBACK, 'localhost', hostname])]);
  const tokens = await TokenService.open(dir, world.tenant, { ...DEFAULT_LIFETIMES, ...options.tokenLifetimes });

  const signIn = openSignIn(dir, world.people, options.signIn);

  const names = world.registries.map(({ name }) => name);
  const wanted = choosePorts(options, names);
  const servers: Record<string, OpenServer> = {};
  for (const [site, port] of Object.entries(wanted)) {
    const tls = site === 'identity' ? {} : { certificate };
    const server = await openServer(site, { port, host: options.listen ?? LOOPBACK, ...tls });
    opened.push(server);
    servers[site] = server;
  }
  const address = (site: string): string => `${hostname}:${servers[site]?.port}`;
  rememberPorts(dir, Object.fromEntries(Object.entries(servers).map(([site, { port }]) => [site, port])));

  const effects = new EffectLog(join(dir, 'effects.jsonl'));
  const stores = new Map(names.map((name) => [name, new RegistryStore(name, join(dir, 'registries', name), effects)]));
  const imports = new ImportDesk(stores, {
    log: effects,
    secret: secrets.operations,
    durationMs: options.importDurationMs ?? DEFAULT_IMPORT_MS,
  });
  const faults = new FaultBoard(options.faults);
  const sites = new Map<string, RegistrySite>();
  for (const definition of world.registries) {
    const store = stores.get(definition.name);
    if (store !== undefined) sites.set(definition.name, { definition, store, loginServer: address(definition.name) });
  }
  const emulation: Emulation = {
    world,
    tokens,
    signIn,
    secrets,
    effects,
    faults,
    imports,
    registries: sites,
    armAuthority: address('arm'),
    settings: {
      conflictStatus: options.conflictStatus ?? 409,
      importRetryAfterSeconds: options.importRetryAfterSeconds,
      redirectBlobs: options.redirectBlobs ?? false,
      referrersPage: options.referrersPage ?? 100,
    },
    logAccess: options.accessLog === true ? appendAccess(join(dir, 'access.jsonl')) : () => undefined,
  };
  servers['arm']?.listen(armListener(emulation));
  servers['identity']?.listen(identityListener(emulation));
  for (const site of sites.values()) servers[site.definition.name]?.listen(registryListener(emulation, site));

  const identityEndpoint = `http://${address('identity')}${IDENTITY_PATH}`;
  return {
    resourceManager: `https://${address('arm')}`,
    caFile: certificate.caFile,
    registries: Object.fromEntries([...sites].map(([name, { loginServer }]) => [name, { loginServer }])),
    identityEndpoint,
    hosts: mapValues(secrets.hosts, (header) => ({
      header,
      env: {
        IDENTITY_ENDPOINT: identityEndpoint,
        IDENTITY_HEADER: header,
        AZURE_TENANT_ID: world.tenant,
        AZURE_SUBSCRIPTION_ID: world.subscription,
      },
    })),
    servicePrincipals: Object.fromEntries(
      world.identities.map(({ name, clientId }) => [name, { clientId, secret: secrets.clients[name] ?? '' }]),
    ),
    adminSecret: secrets.admin,
    signIn: {
      issuer: `https://${address('arm')}/${world.tenant}/v2.0`,
      clientId: SLUICE_CLIENT_ID,
      people: world.people,
      decide: (userCode, user, decision) => decideDeviceCode(signIn, userCode, user, decision),
      rotateKeys: () => signIn.keys.rotate(),
      retireKeys: () => signIn.keys.retire(),
    },
    effects: () => effects.entries(),
    faults: { set: (fault) => faults.set(fault), clear: () => faults.clear() },
    close: async () => {
      imports.close();
      await Promise.all(opened.map((server) => server.close()));
      release();
    },
  };
}

function choosePorts(options: EmulatorOptions, registries: readonly string[]): Readonly<Record<string, number>> {
  const { ports = 'free' } = options;
  if (ports === 'free') return rememberedPorts(options.dir, registries);
  return portsFrom(ports === 'default' ? DEFAULT_PORT_BASE : ports.base, registries);
}

function appendAccess(path: string): (entry: AccessEntry) => void {
  return (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
