import { readFileSync } from 'node:fs';

/** Of the engine that runs, as its package says. */
export function engineVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
