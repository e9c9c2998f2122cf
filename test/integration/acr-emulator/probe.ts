/** An emulator in a folder of its own, and a plain HTTPS client for it that knows no SDK. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../../local/acr-emulator/index.ts';

export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const TENANT = '00000000-0000-4000-8000-0000000000aa';
export const SUBSCRIPTION = '00000000-0000-4000-8000-0000000000ab';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** The body as JSON; fails when it is none. */
  json<T = any>(): T;
}

export interface Ask {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface Pushed {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly layer: string;
  readonly config: string;
}

export class Probe {
  readonly emulator: Emulator;
  readonly dir: string;
  readonly #agent: Agent;

  constructor(emulator: Emulator, dir: string) {
    this.emulator = emulator;
    this.dir = dir;
    this.#agent = new Agent({ connections: 16, connect: { ca: readFileSync(emulator.caFile) } });
  }

  /** `site`: a registry's name, or `arm`. */
  async ask(site: string, method: string, path: string, ask: Ask = {}): Promise<Answer> {
    const base = site === 'arm' ? this.emulator.resourceManager : `https://${this.loginServer(site)}`;
    const answer = await request(path.startsWith('https:') ? path : `${base}${path}`, {
      dispatcher: this.#agent,
      method: method as 'GET',
      headers: { ...(ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` }), ...ask.headers },
      ...(ask.body === undefined ? {} : { body: ask.body }),
      ...(ask.signal === undefined ? {} : { signal: ask.signal }),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const headers = Object.fromEntries(Object.entries(answer.headers).map(([key, value]) => [key, String(value)]));
    return { status: answer.statusCode, headers, bytes, json: () => JSON.parse(bytes.toString('utf8')) };
  }

  loginServer(registry: string): string {
    const found = this.emulator.registries[registry];
    if (found === undefined) throw new Error(`no registry ${registry}`);
    return found.loginServer;
  }

  credentials(identity: string): { clientId: string; secret: string } {
    const found = this.emulator.servicePrincipals[identity];
    if (found === undefined) throw new Error(`no identity ${identity}`);
    return found;
  }

  /** A registry's access token, by the way that Docker clients take. */
  async token(identity: string, registry: string, ...scopes: readonly string[]): Promise<string> {
    const { clientId, secret } = this.credentials(identity);
    const query = new URLSearchParams([
      ['service', this.loginServer(registry)],
      ...scopes.map((scope): [string, string] => ['scope', scope]),
    ]);
    const basic = Buffer.from(`${clientId}:${secret}`).toString('base64');
    const answer = await this.ask(registry, 'GET', `/oauth2/token?${query}`, {
      headers: { authorization: `Basic ${basic}` },
    });
    return answer.json<{ access_token: string }>().access_token;
  }

  /** An Entra token, by client credentials. */
  async entra(identity: string, audience = 'https://management.azure.com'): Promise<string> {
    const { clientId, secret } = this.credentials(identity);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: `${audience}/.default`,
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await this.ask('arm', 'POST', `/${TENANT}/oauth2/v2.0/token`, { headers, body: body.toString() });
    return answer.json<{ access_token: string }>().access_token;
  }

  async pushBlob(repository: string, content: string | Uint8Array, token: string): Promise<string> {
    const digest = sha256(content);
    const begun = await this.ask('onestreamdev', 'POST', `/v2/${repository}/blobs/uploads/`, { token });
    const location = begun.headers['location'] ?? '';
    await this.ask('onestreamdev', 'PUT', `${location}&digest=${digest}`, { token, body: content });
    return digest;
  }

  /** A small image on the development registry, different for each `content`. */
  async pushImage(
    repository: string,
    reference: string | undefined,
    content: string,
    more: object = {},
  ): Promise<Pushed> {
    const token = await this.token('build', 'onestreamdev', `repository:${repository}:pull,push`);
    const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_IMAGE,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: await this.pushBlob(repository, config, token),
        size: config.length,
      },
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar',
          digest: await this.pushBlob(repository, content, token),
          size: Buffer.byteLength(content),
        },
      ],
      ...more,
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = await this.pushManifest(repository, reference, bytes, OCI_IMAGE);
    return { digest, bytes, layer: manifest.layers[0]?.digest ?? '', config: manifest.config.digest };
  }

  async pushManifest(
    repository: string,
    reference: string | undefined,
    bytes: Uint8Array,
    type: string,
  ): Promise<string> {
    const token = await this.token('build', 'onestreamdev', `repository:${repository}:pull,push`);
    const digest = sha256(bytes);
    const answer = await this.ask('onestreamdev', 'PUT', `/v2/${repository}/manifests/${reference ?? digest}`, {
      token,
      headers: { 'content-type': type },
      body: bytes,
    });
    if (answer.status !== 201) throw new Error(`push of ${repository}: ${answer.status} ${answer.bytes}`);
    return digest;
  }

  /** Submits an import as the identity; the answer of the POST. */
  async submitImport(identity: string, registry: string, body: object): Promise<Answer> {
    return this.ask('arm', 'POST', `${resourceId(registry)}/importImage?api-version=2025-11-01`, {
      token: await this.entra(identity),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Polls an operation's address until it is no longer 202. */
  async untilEnded(identity: string, location: string): Promise<Answer> {
    const token = await this.entra(identity);
    for (;;) {
      const answer = await this.ask('arm', 'GET', location, { token });
      if (answer.status !== 202) return answer;
    }
  }

  /** Import by digest from the development registry to staging, waited for. */
  async importToStaging(repository: string, digest: string, more: object): Promise<Answer> {
    const body = {
      source: { resourceId: resourceId('onestreamdev'), sourceImage: `${repository}@${digest}` },
      ...more,
    };
    const submitted = await this.submitImport('worker-staging', 'onestreamstaging', body);
    if (submitted.status !== 202) return submitted;
    return this.untilEnded('worker-staging', submitted.headers['location'] ?? '');
  }

  async close(): Promise<void> {
    await this.#agent.close();
    await this.emulator.close();
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function startProbe(options: Partial<EmulatorOptions> = {}): Promise<Probe> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'acr-emulator-'));
  return new Probe(await startEmulator({ importDurationMs: 1, ...options, dir }), dir);
}

export function resourceId(registry: string): string {
  const group = registry.replace('onestream', 'onestream-');
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}-rg/providers/Microsoft.ContainerRegistry/registries/${registry}`;
}

export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** First error code of a registry's answer. */
export function codeOf(answer: Answer): string | undefined {
  return answer.json<{ errors?: { code: string }[] }>().errors?.[0]?.code;
}
