/** The files that pages load, each under an address that changes with its content. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Asset {
  readonly href: string;
  /** For the page's `integrity` attribute: a proxy that changes the file breaks it instead of running in it. */
  readonly integrity: string;
  readonly type: string;
  readonly body: Buffer;
}

export interface Assets {
  readonly style: Asset;
  readonly live: Asset;
  readonly icon: Asset;
  /** What a page of a question runs, its entry first. They import one another, so they share a folder named after all of them. */
  readonly answering: readonly [entry: Asset, ...modules: Asset[]];
  /** The same for a page of an environment, where people stop and hold. */
  readonly restraining: readonly [entry: Asset, ...modules: Asset[]];
  /** Signing out, on every page of somebody who is signed in. */
  readonly leaving: Asset;
}

const ANSWERING = ['confirm', 'element', 'keys', 'own-key', 'said', 'send', 'sign-in', 'statement', 'store'] as const;
const RESTRAINING = ['confirm', 'element', 'keys', 'said', 'send', 'sign-in', 'store'] as const;

export function readAssets(): Assets {
  const folder = folderOf(['answer', 'restrain', 'leave', ...ANSWERING]);
  return {
    style: read('style', 'css', 'text/css; charset=utf-8'),
    live: read('live', 'js', SCRIPT),
    icon: read('icon', 'svg', 'image/svg+xml'),
    answering: [readModule(folder, 'answer'), ...ANSWERING.map((name) => readModule(folder, name))],
    restraining: [readModule(folder, 'restrain'), ...RESTRAINING.map((name) => readModule(folder, name))],
    leaving: readModule(folder, 'leave'),
  };
}

export function assetsOf({ answering, restraining, ...single }: Assets): readonly Asset[] {
  return [...answering, ...restraining, ...Object.values(single)];
}

const SCRIPT = 'text/javascript; charset=utf-8';

function folderOf(names: readonly string[]): string {
  const hash = createHash('sha384');
  for (const name of names) hash.update(bytesOf(`${name}.js`));
  return hash.digest('hex').slice(0, 12);
}

function readModule(folder: string, name: string): Asset {
  const body = bytesOf(`${name}.js`);
  const integrity = integrityOf(createHash('sha384').update(body).digest());
  return { href: `/assets/${folder}/${name}.js`, integrity, type: SCRIPT, body };
}

function read(name: string, extension: string, type: string): Asset {
  const body = bytesOf(`${name}.${extension}`);
  const hash = createHash('sha384').update(body).digest();
  const mark = hash.toString('hex').slice(0, 12);
  return { href: `/assets/${name}-${mark}.${extension}`, integrity: integrityOf(hash), type, body };
}

function bytesOf(file: string): Buffer {
  return readFileSync(new URL(`./assets/${file}`, import.meta.url));
}

function integrityOf(hash: Buffer): string {
  return `sha384-${hash.toString('base64')}`;
}
