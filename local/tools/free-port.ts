/** Ports for programs that cannot be told to choose one themselves. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that the kernel gives to outgoing connections (32768 and up on Linux, 49152 and up on macOS): one of those may be
 * gone again before the program listens on it.
 */
const FIRST = 10_240;
const LAST = 32_767;
const TRIES = 100;

/** So many different TCP ports of 127.0.0.1 that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Awaited<ReturnType<typeof listen>>[] = [];
  while (servers.length < count) servers.push(await listen());
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listen(): Promise<ReturnType<typeof createServer>> {
  let last: unknown;
  for (let one = 0; one < TRIES; one += 1) {
    const server = createServer();
    const port = randomInt(FIRST, LAST + 1);
    const heard = await new Promise<unknown>((resolve) => {
      server.once('error', resolve);
      server.listen(port, '127.0.0.1', () => resolve(undefined));
    });
    if (heard === undefined) return server;
    last = heard;
  }
  throw new Error(`no free port between ${FIRST} and ${LAST} of 127.0.0.1 in ${TRIES} tries`, { cause: last });
}
