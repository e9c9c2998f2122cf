/** Opening the emulator's ports, and remembering free ones so that a restart answers at the same addresses. */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ServerCertificate } from './certificates.ts';
import { readJson, writeFileAtomically } from './store/write-file.ts';

/** Ports by site: `arm`, `identity`, and each registry's name. */
export type Ports = Readonly<Record<string, number>>;

export const DEFAULT_PORT_BASE = 16500;
const IDENTITY_OFFSET = 10;

/** base: ARM and login; base+1…: registries in the world's order; base+10: managed identity. */
export function portsFrom(base: number, registries: readonly string[]): Ports {
  const numbered = registries.map((name, index) => [name, base + 1 + index]);
  return Object.fromEntries([['arm', base], ...numbered, ['identity', base + IDENTITY_OFFSET]]) as Ports;
}

/** The ports of this folder's last run, or 0 (any) for each. */
export function rememberedPorts(dir: string, registries: readonly string[]): Ports {
  const remembered = readJson<Ports>(join(dir, 'ports.json')) ?? {};
  return Object.fromEntries(['arm', 'identity', ...registries].map((site) => [site, remembered[site] ?? 0]));
}

export function rememberPorts(dir: string, ports: Ports): void {
  writeFileAtomically(join(dir, 'ports.json'), `${JSON.stringify(ports, undefined, 2)}\n`);
}

export interface OpenServer {
  readonly port: number;
  /** Sets what answers; requests that come earlier wait in the socket's queue. */
  listen(listener: RequestListener): void;
  close(): Promise<void>;
}

/** Opens one port. Throws, naming the site and the port, when it is taken. */
export async function openServer(
  site: string,
  options: { port: number; host: string; certificate?: ServerCertificate },
): Promise<OpenServer> {
  const { certificate } = options;
  const server: Server =
    certificate === undefined
      ? createHttpServer()
      : createHttpsServer({ key: certificate.key, cert: certificate.cert });
  // Uploads of large layers over slow lines are legitimate.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const where = `${options.host}:${options.port} for ${site}`;
      reject(new Error(`acr-emulator: cannot listen on ${where}: ${error.message}`, { cause: error }));
    });
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    listen: (listener) => server.on('request', listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
