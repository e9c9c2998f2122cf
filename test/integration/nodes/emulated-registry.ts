/** What tests need of the emulator: an upload as the pipeline, and the identity of a node. */
import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import type { Uploader } from '../../../examples/images.ts';
import type { Emulator } from '../../../local/acr-emulator/index.ts';
import type { RegistryAccess } from '../../../local/nodes/registry.ts';

const CLIENT_ID = '00000000-0000-4000-8000-0000000001';

/** Logs in as the pipeline's `build` identity and uploads through that token. */
export async function uploaderTo(emulator: Emulator, name: string): Promise<Uploader> {
  const loginServer = emulator.registries[name]?.loginServer ?? '';
  const dispatcher = new Agent({ connect: { ca: readFileSync(emulator.caFile) } });
  const query = `api-version=2019-08-01&resource=https://containerregistry.azure.net&client_id=${CLIENT_ID}01`;
  const header = { 'X-IDENTITY-HEADER': emulator.hosts.pipeline?.header ?? '' };
  const entra = (await (await fetch(`${emulator.identityEndpoint}?${query}`, { headers: header })).json()) as Json;
  const post = async (path: string, form: Record<string, string>): Promise<Json> => {
    const body = new URLSearchParams({ service: loginServer, ...form });
    return (await (await fetch(`https://${loginServer}${path}`, { method: 'POST', body, dispatcher })).json()) as Json;
  };
  const { refresh_token = '' } = await post('/oauth2/exchange', {
    grant_type: 'access_token',
    access_token: entra.access_token ?? '',
  });
  const scope = 'repository:iam:pull,push';
  const { access_token } = await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token, scope });
  return (path, init) =>
    fetch(new URL(path, `https://${loginServer}`), {
      ...init,
      dispatcher,
      headers: { ...init.headers, authorization: `Bearer ${access_token}` },
    });
}

type Json = Readonly<Record<string, string>>;

/** The access of a kubelet: 21 dev, 22 staging, 23 production. */
export function accessOf(emulator: Emulator, kubelet: '21' | '22' | '23'): RegistryAccess {
  return {
    caFile: emulator.caFile,
    identity: {
      endpoint: emulator.identityEndpoint,
      header: emulator.hosts.nodes?.header ?? '',
      clientId: `${CLIENT_ID}${kubelet}`,
    },
  };
}
