/** Pushing the example images as the build pipeline would: with the build identity, over the registry's own protocol. */
import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import { type Example, type ExampleName, pushExample, type Uploader } from '../../examples/images.ts';
import type { Emulator } from '../acr-emulator/index.ts';
import { PIPELINE_HOST } from './world.ts';

const AUDIENCE = 'https://containerregistry.azure.net';
const API_VERSION = '2019-08-01';

/** Pushes image and signatures into the dev registry. Twice is once. */
export async function pushToDev(emulator: Emulator, name: ExampleName): Promise<Example> {
  const host = emulator.registries['onestreamdev']?.loginServer as string;
  const dispatcher = new Agent({ connect: { ca: readFileSync(emulator.caFile, 'utf8') } });
  try {
    const authorization = `Bearer ${await accessToken(emulator, host, dispatcher)}`;
    const upload: Uploader = (path, init) =>
      fetch(new URL(path, `https://${host}`), {
        method: init.method,
        headers: { ...init.headers, authorization },
        body: init.body ?? null,
        dispatcher,
      });
    return await pushExample(upload, name);
  } finally {
    await dispatcher.close();
  }
}

/** Managed identity → registry refresh token → access token for push and pull (Azure/acr, AAD-OAuth.md). */
async function accessToken(emulator: Emulator, host: string, dispatcher: Agent): Promise<string> {
  const header = emulator.hosts[PIPELINE_HOST]?.header as string;
  const query = `api-version=${API_VERSION}&resource=${encodeURIComponent(AUDIENCE)}`;
  const identity = await fetch(`${emulator.identityEndpoint}?${query}`, { headers: { 'x-identity-header': header } });
  const entra = await field(identity, 'access_token');
  const post = (path: string, form: Record<string, string>) =>
    fetch(`https://${host}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ service: host, ...form }),
      dispatcher,
    });
  const exchange = await post('/oauth2/exchange', { grant_type: 'access_token', access_token: entra });
  const refresh = await field(exchange, 'refresh_token');
  const scope = 'repository:iam:pull,push';
  return field(
    await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: refresh, scope }),
    'access_token',
  );
}

async function field(answer: Awaited<ReturnType<typeof fetch>>, name: string): Promise<string> {
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${body.slice(0, 300)}`);
  return String((JSON.parse(body) as Record<string, unknown>)[name]);
}
