/** `az` logged in to the emulator as production's worker identity: its own configuration folder, nothing of the user's. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Stack } from '../../local/stack/start-stack.ts';
import { toolPath } from '../../local/tools/tool-path.ts';

const TENANT_VARIABLE = 'AZURE_TENANT_ID';

/** Resolves to the environment in which the guide's commands run. */
export async function logIn(stack: Stack, folder: string): Promise<Readonly<Record<string, string>>> {
  const docker = join(folder, 'docker');
  mkdirSync(docker, { recursive: true });
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    DOCKER_CONFIG: docker,
    SSL_CERT_FILE: stack.emulator.caFile,
    AZURE_CONFIG_DIR: join(folder, 'az'),
    REQUESTS_CA_BUNDLE: stack.emulator.caFile,
    AZURE_CORE_INSTANCE_DISCOVERY: 'false',
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_NO_COLOR: 'true',
  };
  const az = (...args: readonly string[]) =>
    promisify(execFile)(toolPath('az') ?? '', [...args], { env, timeout: 120_000 });
  const identity = stack.emulator.servicePrincipals['worker-production'];
  if (identity === undefined) throw new Error('the emulator has no identity worker-production');
  const tenant = stack.env('worker-production')[TENANT_VARIABLE] ?? '';
  await az('cloud', 'register', '--name', 'local', '--endpoint-resource-manager', stack.emulator.resourceManager);
  await az('cloud', 'set', '--name', 'local');
  const who = ['--username', identity.clientId, '--password', identity.secret, '--tenant', tenant];
  await az('login', '--service-principal', ...who);
  return env;
}
