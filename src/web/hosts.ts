/**
 * Under which names this server may be asked. A page elsewhere can let its own name point to 127.0.0.1 (DNS rebinding) and then
 * read what it likes, unless the server looks at the name it was asked for.
 */
import type { AddressInfo } from 'node:net';

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;

export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address);
}

/** `behindProxy` is the public name for which the proxy asks. */
export function allowedHosts({ address, port }: AddressInfo, behindProxy?: string): ReadonlySet<string> {
  const own = [`${inUrl(address)}:${port}`];
  const local = isLoopback(address) ? [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`] : [];
  const names = behindProxy === undefined ? [...own, ...local] : [...own, ...local, behindProxy.toLowerCase()];
  // a browser leaves the port out where it is the scheme's own
  return new Set([...names, ...names.filter((name) => /[^\]]:80$/.test(name)).map((name) => name.slice(0, -3))]);
}

export function isAllowedHost(host: string | undefined, allowed: ReadonlySet<string>): boolean {
  return host !== undefined && allowed.has(host.toLowerCase());
}

export function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
