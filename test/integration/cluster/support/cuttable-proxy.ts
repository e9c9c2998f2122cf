/** A TCP proxy in front of the API server whose connections can be cut, and that can refuse new ones for a while. */
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';

export interface CuttableProxy {
  /** Like the given kubeconfig, with the proxy as server. */
  readonly kubeconfig: string;
  readonly open: number;
  /** Connections that were ever made through it. */
  readonly made: number;
  cut(): void;
  /** Refuses connections while true; those that are open are cut. */
  refuse(on: boolean): void;
  close(): Promise<void>;
}

export async function startCuttableProxy(kubeconfig: string): Promise<CuttableProxy> {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  const target = new URL(config.clusters[0].cluster.server);
  const sockets = new Set<Socket>();
  let refusing = false;
  let made = 0;
  const server = createServer((near) => {
    if (refusing) return void near.destroy();
    made += 1;
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => (sockets.delete(one), other.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  config.clusters[0].cluster.server = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const path = `${kubeconfig}.proxy`;
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    kubeconfig: path,
    get open() {
      return sockets.size / 2;
    },
    get made() {
      return made;
    },
    cut,
    refuse(on) {
      refusing = on;
      if (on) cut();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
