/** The files of pipelines/, and what is found in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const PIPELINES = fileURLToPath(new URL('../../../pipelines/', import.meta.url));
export const SCRIPTS = join(PIPELINES, 'scripts');

export type Node = Readonly<Record<string, unknown>>;

export interface Template {
  /** Relative to pipelines/. */
  readonly path: string;
  readonly text: string;
  readonly content: Node;
}

export function templatesIn(folder: string): readonly Template[] {
  return readdirSync(join(PIPELINES, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(PIPELINES, path), 'utf8');
      return { path, text, content: parse(text) as Node };
    });
}

/** Every mapping in a document, from the outside in. */
export function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesIn(one);
  else if (typeof value === 'object' && value !== null) {
    yield value as Node;
    for (const one of Object.values(value)) yield* nodesIn(one);
  }
}

export interface Body {
  readonly script: string;
  /** Names that the step maps for it. */
  readonly env: readonly string[];
}

/** What shells run: `bash`, `script`, `inlineScript`, `run`. */
export function bodiesOf({ content }: Template): readonly Body[] {
  return [...nodesIn(content)].flatMap((node) => {
    const inputs = node['inputs'] as Node | undefined;
    const script = node['bash'] ?? node['script'] ?? node['run'] ?? inputs?.['inlineScript'];
    return typeof script === 'string' ? [{ script, env: Object.keys((node['env'] as Node | undefined) ?? {}) }] : [];
  });
}

/** What would be put into a script as text before a shell reads it: the way in for whoever may name a branch. */
export function interpolatedIn(script: string): readonly string[] {
  return script.match(/\$\{\{[^}]*\}\}|\$\([A-Za-z_][\w.]*\)|\$\[[^\]]*\]/g) ?? [];
}

/** The options that a script's own loop knows, sorted. */
export function optionsOf(script: string): readonly string[] {
  const text = readFileSync(join(SCRIPTS, script), 'utf8');
  const cases = [...text.matchAll(/^ {4}(--[a-z-]+(?: \| --[a-z-]+)*)\)/gm)].flatMap(([, found = '']) =>
    found.split(' | '),
  );
  return cases.filter((one) => one !== '--help').toSorted();
}
