/** The example as its own program reads it, against a server of the test. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { PAT, type DevOpsServer } from './devops-server.ts';

const root = join(import.meta.dirname, '..', '..');
export const EXAMPLE = readFileSync(join(root, 'onestream.yaml'), 'utf8');
export const IDS = {
  AZURE_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  AZURE_SUBSCRIPTION_ID: '22222222-2222-4222-8222-222222222222',
  SLUICE_BUILD_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
  SLUICE_PROMOTION_CLIENT_ID: '44444444-4444-4444-8444-444444444444',
  RELEASE_MANAGERS_ID: '55555555-5555-4555-8555-555555555555',
};

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program as a process: `run(server, ['plan'])`. */
export const run = (server: DevOpsServer, args: readonly string[], text = EXAMPLE, env: Record<string, string> = {}) =>
  runSignedInBy(['--pat-from', 'THE_PAT'], server, args, text, { THE_PAT: PAT, ...env });

/** The same without a personal access token: as whom, `env` says alone. */
export const runAsIdentity = (server: DevOpsServer, args: readonly string[], env: Record<string, string>) =>
  runSignedInBy([], server, args, EXAMPLE, env);

async function runSignedInBy(
  signIn: readonly string[],
  server: DevOpsServer,
  args: readonly string[],
  text: string,
  env: Record<string, string>,
): Promise<Run> {
  const file = join(mkdtempSync(join(tmpdir(), 'azure-devops-')), 'project.yaml');
  writeFileSync(file, text.replace('https://dev.azure.com/OneStreamPlatform', server.url));
  const [command, ...options] = args;
  const argv = [join(root, 'main.ts'), command!, file, ...signIn, ...options];
  const child = spawn(process.execPath, argv, {
    env: { ...IDS, PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, code] = await Promise.all([
    text_(child.stdout),
    text_(child.stderr),
    new Promise<number | null>((ended) => child.on('close', ended)),
  ]);
  return { code, out, err };
}

async function text_(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  for await (const part of stream) all += String(part);
  return all;
}
