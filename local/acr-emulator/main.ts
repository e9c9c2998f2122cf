/** `npm run emulator`: the emulator as a process of its own. Prints one JSON line when it is ready. */
import { resolve } from 'node:path';
import { parsed, shortly } from '../tools/parsed.ts';
import { startEmulator, type EmulatorOptions } from './index.ts';

const USAGE = `Usage: npm run emulator -- [options]

  --dir <folder>          data folder (default .sluice/acr-emulator)
  --port-base <port>      first port: ARM and login; +1 … registries; +10 managed identity (default 16500)
  --free-ports            any free ports, the same ones at the next start in this folder
  --import-ms <ms>        how long an import takes (default 50)
  --retry-after <s>       Retry-After of import answers (default: none; ACR says 10)
  --redirect-blobs        serve blobs by 307 to another address, as ACR does
  --access-log            write access.jsonl
  --listen <address>      address to listen on (default 127.0.0.1)
  --hostname <name>       name by which clients reach the emulator (default 127.0.0.1)
`;

const { values } = parsed(USAGE, {
  options: {
    dir: { type: 'string', default: '.sluice/acr-emulator' },
    'port-base': { type: 'string', default: '16500' },
    'free-ports': { type: 'boolean', default: false },
    'import-ms': { type: 'string' },
    'retry-after': { type: 'string' },
    'redirect-blobs': { type: 'boolean', default: false },
    'access-log': { type: 'boolean', default: false },
    listen: { type: 'string' },
    hostname: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else await run();

async function run(): Promise<void> {
  const emulator = await startEmulator(readOptions()).catch(failed);
  const {
    close: _close,
    effects: _effects,
    faults: _faults,
    servicePrincipals: _secrets,
    adminSecret: _admin,
    hosts,
    ...rest
  } = emulator;
  // Secrets stay in the folder: hosts.json, service-principals.json, secrets.json.
  process.stdout.write(`${JSON.stringify({ ready: true, ...rest, hosts: Object.keys(hosts) })}\n`);
  const stop = (): void => {
    emulator.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  // `disconnect`: the process that started this one has gone.
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.once(event, stop);
}

function failed(error: unknown): never {
  console.error(shortly(error));
  process.exit(1);
}

function readOptions(): EmulatorOptions {
  return {
    dir: resolve(values.dir),
    ports: values['free-ports'] ? 'free' : { base: wholeNumber('--port-base', values['port-base']) },
    redirectBlobs: values['redirect-blobs'],
    accessLog: values['access-log'],
    ...(values['import-ms'] === undefined ? {} : { importDurationMs: wholeNumber('--import-ms', values['import-ms']) }),
    ...(values['retry-after'] === undefined
      ? {}
      : { importRetryAfterSeconds: wholeNumber('--retry-after', values['retry-after']) }),
    ...(values.listen === undefined ? {} : { listen: values.listen }),
    ...(values.hostname === undefined ? {} : { hostname: values.hostname }),
  };
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${flag} wants a whole number, got ${JSON.stringify(text)}`);
}
