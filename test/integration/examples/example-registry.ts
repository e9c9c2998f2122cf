/** The emulated registry of dev with all examples in it, and what Go programs need to read it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLES, pushExample, type Uploader } from '../../../examples/images.ts';
import { type Emulator, startEmulator } from '../../../local/acr-emulator/index.ts';
import { openRegistry } from '../../../local/stack/registry-session.ts';

export interface ExampleRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly upload: Uploader;
  /** Environment of a program: its own home, the emulator's authority, the build identity as login. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const REGISTRY = 'onestreamdev';

export async function startExampleRegistry(): Promise<ExampleRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-example-registry-'));
  const emulator = await startEmulator({ dir: join(folder, 'emulator') });
  const session = await openRegistry(emulator, {
    registry: REGISTRY,
    host: 'pipeline',
    scope: 'repository:iam:pull,push',
  });
  const upload: Uploader = (path, init) =>
    session.request(path, { ...init, body: init.body ?? null, headers: { ...init.headers } });
  for (const name of EXAMPLES) await pushExample(upload, name);
  const host = emulator.registries[REGISTRY]?.loginServer ?? '';
  await writeFile(join(folder, 'config.json'), JSON.stringify(dockerLogin(emulator, host)));
  return {
    host,
    upload,
    env: { HOME: folder, DOCKER_CONFIG: folder, SSL_CERT_FILE: emulator.caFile, PATH: process.env['PATH'] ?? '' },
    async close() {
      await session.close();
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function dockerLogin(emulator: Emulator, host: string): object {
  const { clientId, secret } = emulator.servicePrincipals['build'] ?? { clientId: '', secret: '' };
  return { auths: { [host]: { auth: Buffer.from(`${clientId}:${secret}`).toString('base64') } } };
}
