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
}

export function readAssets(): Assets {
  return {
    style: read('style', 'css', 'text/css; charset=utf-8'),
    live: read('live', 'js', 'text/javascript; charset=utf-8'),
    icon: read('icon', 'svg', 'image/svg+xml'),
  };
}

function read(name: string, extension: string, type: string): Asset {
  const body = readFileSync(new URL(`./assets/${name}.${extension}`, import.meta.url));
  const hash = createHash('sha384').update(body).digest();
  const mark = hash.toString('hex').slice(0, 12);
  return { href: `/assets/${name}-${mark}.${extension}`, integrity: `sha384-${hash.toString('base64')}`, type, body };
}
