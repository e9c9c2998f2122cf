/** How often registries are asked for one promotion, by kind: from the emulator's own log. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessEntry } from '../../local/acr-emulator/http/listener.ts';
import type { Stack } from '../../local/stack/start-stack.ts';
import type { Figure } from '../figures.ts';
import { sum } from '../statistics.ts';

/** Questions by kind. */
export type Asked = Readonly<Record<string, number>>;

/** The first that fits. */
const KINDS: readonly (readonly [kind: string, request: RegExp])[] = [
  ['importsAsked', /^POST .*\/importImage$/],
  ['importsWaitedFor', /^GET .*\/operationResults\//],
  ['manifestsByDigest', /^(GET|HEAD) .*\/manifests\/sha256:/],
  ['tags', /^(GET|HEAD) .*\/manifests\//],
  ['referrers', /^GET .*\/referrers\//],
  ['blobs', /^(GET|HEAD) .*\/blobs\//],
  ['pushes', /^(POST|PATCH|PUT) \/v2\//],
  ['attributesRead', /^GET \/acr\/v1\//],
  ['attributesSet', /^PATCH \/acr\/v1\//],
  ['tokens', /\/oauth2\/|\/msi\//],
];

/** How many lines the log has; `stack` keeps one (`accessLog`). */
export function logged(stack: Stack): number {
  return entriesOf(stack).length;
}

export function askedSince(stack: Stack, before: number): Asked {
  const requests = entriesOf(stack).slice(before);
  const kinds = requests.map(({ method, path }) => KINDS.find(([, shape]) => shape.test(`${method} ${path}`))?.[0]);
  return Object.fromEntries(
    [...Map.groupBy(kinds, (kind) => kind ?? 'others')].map(([kind, all]) => [kind, all.length]),
  );
}

export function questionsOf(measurement: string, asked: Asked): Figure {
  return {
    measurement,
    figure: 'requests to registries, tokens and Azure Resource Manager for one promotion (by kind: on the right)',
    value: sum(Object.values(asked)),
    unit: 'requests',
    from: asked,
  };
}

function entriesOf({ dir }: Stack): readonly AccessEntry[] {
  const lines = readFileSync(join(dir, 'emulator', 'access.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as AccessEntry);
}
