/** The production adapters on the emulator: real TLS, real tokens, real roles. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import {
  DEFAULT_WORLD,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from '../../../local/acr-emulator/index.ts';
import { type Acr, acrResourceId, type AcrOptions, createAcr } from '../../../src/adapters/registry/acr/create-acr.ts';
import { createOciClient } from '../../../src/adapters/registry/acr/oci-client.ts';
import { pushBlob, pushManifest } from '../../../src/adapters/registry/acr/oci-upload.ts';
import type { RegistrySubject, SampleImage } from '../../ports/registry/subject.ts';

export type Stage = 'dev' | 'staging' | 'prod';

export interface Emulated {
  readonly emulator: Emulator;
  /** The five ports of a registry, acting as an identity of the emulator's world. */
  acr(stage: Stage, identity: string, options?: Partial<AcrOptions>): Acr;
  /** What a pipeline does: as `build`, into dev. */
  push(repository: string, image: SampleImage, tag?: string): Promise<void>;
  subject(): RegistrySubject;
  /** Stops the emulator and starts it again on the same folder and ports. */
  restart(options?: Partial<EmulatorOptions>): Promise<void>;
  close(): Promise<void>;
}

const ENVIRONMENTS: Readonly<Record<string, Stage>> = { dev: 'dev', staging: 'staging', production: 'prod' };

export async function startEmulated(options: Partial<EmulatorOptions> = {}): Promise<Emulated> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-emulated-'));
  let emulator = await startEmulator({ dir, ...options });
  const ca = readFileSync(emulator.caFile, 'utf8');

  function acr(stage: Stage, identity: string, more: Partial<AcrOptions> = {}): Acr {
    return createAcr({
      ...registryOf(stage),
      loginServer: loginServerOf(emulator, stage),
      resourceManager: emulator.resourceManager,
      ca,
      credential: credentialOf(emulator, identity),
      sources: Object.fromEntries(
        Object.entries(ENVIRONMENTS).map(([environment, source]) => [
          environment,
          { resourceId: acrResourceId(registryOf(source)), loginServer: loginServerOf(emulator, source) },
        ]),
      ),
      pollLongestMs: 20,
      ...more,
    });
  }

  async function push(repository: string, image: SampleImage, tag?: string): Promise<void> {
    const loginServer = loginServerOf(emulator, 'dev');
    const client = createOciClient({ loginServer, ca, credential: credentialOf(emulator, 'build') });
    for (const child of image.children) await push(repository, child);
    for (const { digest, bytes } of image.blobs) await pushBlob(client, repository, digest, bytes);
    const manifest = { digest: image.manifestDigest, mediaType: image.mediaType, bytes: image.manifest };
    await pushManifest(client, repository, tag ?? image.manifestDigest, manifest);
  }

  async function close(): Promise<void> {
    await emulator.close();
    rmSync(dir, { recursive: true });
  }

  return {
    get emulator() {
      return emulator;
    },
    acr,
    push,
    subject: () => ({
      first: acr('dev', 'build'),
      second: acr('staging', 'worker-staging'),
      source: 'dev',
      push,
      close,
    }),
    async restart(more = {}) {
      await emulator.close();
      emulator = await startEmulator({ dir, ...options, ...more });
    },
    close,
  };
}

/**
 * Tokens from the emulator's managed-identity endpoint. By hand, because `@azure/identity` reads the endpoint from the
 * process's environment and keeps tokens for the whole process: one identity host per process. That way is tested too.
 */
export function credentialOf(emulator: Emulator, identity: string): TokenCredential {
  const clientId = clientIdOf(identity);
  const host = Object.entries(DEFAULT_WORLD.hosts).find(([, identities]) => identities.includes(identity))?.[0];
  if (host === undefined) throw new Error(`no host may act as ${identity}`);
  return {
    async getToken(scopes) {
      const resource = String(scopes).replace(/\/\.default$/, '');
      const url = new URL(emulator.identityEndpoint);
      url.search = new URLSearchParams({ 'api-version': '2019-08-01', resource, client_id: clientId }).toString();
      const answer = await fetch(url, { headers: { 'x-identity-header': emulator.hosts[host]?.header ?? '' } });
      const body = (await answer.json()) as { access_token: string; expires_on: string };
      return { token: body.access_token, expiresOnTimestamp: Number(body.expires_on) * 1000 };
    },
  };
}

/** Client id of an identity of the emulator's world. */
export function clientIdOf(identity: string): string {
  const found = DEFAULT_WORLD.identities.find(({ name }) => name === identity);
  if (found === undefined) throw new Error(`no identity ${identity}`);
  return found.clientId;
}

export function registryOf(stage: Stage): { subscription: string; resourceGroup: string; name: string } {
  const name = `onestream${stage}`;
  const definition = DEFAULT_WORLD.registries.find((one) => one.name === name);
  return { subscription: DEFAULT_WORLD.subscription, resourceGroup: definition?.resourceGroup ?? '', name };
}

function loginServerOf(emulator: Emulator, stage: Stage): string {
  return emulator.registries[`onestream${stage}`]?.loginServer ?? '';
}
