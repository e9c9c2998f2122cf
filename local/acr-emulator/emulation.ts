/** What the routes share: the world, its state and its addresses. */
import type { EffectLog } from './effects.ts';
import type { FaultBoard } from './faults.ts';
import type { AccessEntry } from './http/listener.ts';
import type { ImportDesk } from './imports.ts';
import type { SignIn } from './people/sign-in.ts';
import type { RegistryStore } from './store/registry-store.ts';
import type { TokenService } from './tokens.ts';
import type { IdentityDefinition, RegistryDefinition, World } from './world.ts';

export interface RegistrySite {
  readonly definition: RegistryDefinition;
  readonly store: RegistryStore;
  /** Host and port, e.g. `127.0.0.1:16501`. */
  readonly loginServer: string;
}

export interface Secrets {
  /** X-IDENTITY-HEADER by host. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Client secret by identity name. */
  readonly clients: Readonly<Record<string, string>>;
  /** For `/_emulator/…`. */
  readonly admin: string;
  /** Signs the addresses of import operations. */
  readonly operations: string;
}

export interface Settings {
  readonly conflictStatus: number;
  readonly importRetryAfterSeconds: number | undefined;
  readonly redirectBlobs: boolean;
  readonly referrersPage: number;
}

export interface Emulation {
  readonly world: World;
  readonly tokens: TokenService;
  readonly signIn: SignIn;
  readonly secrets: Secrets;
  readonly effects: EffectLog;
  readonly faults: FaultBoard;
  readonly imports: ImportDesk;
  readonly registries: ReadonlyMap<string, RegistrySite>;
  /** Host and port of Azure Resource Manager and the login service. */
  readonly armAuthority: string;
  readonly settings: Settings;
  readonly logAccess: (entry: AccessEntry) => void;
}

export function identityByClientId(world: World, clientId: string): IdentityDefinition | undefined {
  return world.identities.find((identity) => identity.clientId === clientId);
}

export function registryId(world: World, { resourceGroup, name }: RegistryDefinition): string {
  return `/subscriptions/${world.subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`;
}

/** Audiences that Azure Resource Manager accepts, without trailing slash; the emulator's own addresses among them. */
export function armAudiences({ armAuthority }: Emulation): string[] {
  const port = armAuthority.slice(armAuthority.lastIndexOf(':'));
  return [
    'https://management.azure.com',
    'https://management.core.windows.net',
    `https://${armAuthority}`,
    `https://127.0.0.1${port}`,
    `https://localhost${port}`,
  ];
}
