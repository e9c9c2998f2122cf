/** What a migration may not say, beside its shape: names that name nothing, and histories that contradict themselves. */
import { didYouMean, nearest } from '../../config/did-you-mean.ts';
import type { Path } from '../../config/document.ts';
import type { WrittenMigration } from './written.ts';

/** Names of sluice.yaml. */
export interface KnownNames {
  /** Services with the environments on their path. */
  readonly services: Readonly<Record<string, readonly string[]>>;
  readonly environments: readonly string[];
}

export interface Mistake {
  readonly path: Path;
  readonly message: string;
  readonly remedy?: string;
  readonly onKey?: true;
}

/** Any part may be missing: other mistakes have been taken out. */
export type Draft = DeepPartial<WrittenMigration>;
type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly (DeepPartial<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T;
type Service = NonNullable<NonNullable<Draft['services']>[string]>;
type Lists = NonNullable<Draft['gates']>;
type Gate = NonNullable<NonNullable<Lists['done']>[number]>;

/** Every one of the file. */
export function mistakesIn(draft: Draft, known: KnownNames): readonly Mistake[] {
  return [
    ...inWaves(draft),
    ...servicesOf(draft).flatMap(([name, service]) => inService(name, service, draft, known)),
    ...gatesOf(draft).flatMap(({ gate, path, wave }) => inGate(gate, path, { draft, known, wave })),
  ];
}

function servicesOf({ services = {} }: Draft): readonly (readonly [string, Service])[] {
  return Object.entries(services).filter((one): one is [string, Service] => one[1] instanceof Object);
}

function namesOf({ waves = [] }: Draft): readonly (string | undefined)[] {
  return waves.map((one) => one?.name);
}

/** "a, b"; nothing is known when there is none. */
function oneOf(names: readonly (string | undefined)[]): string {
  return `one of ${names.filter((one) => one !== undefined).join(', ')}`;
}

function inWaves(draft: Draft): readonly Mistake[] {
  const inUse = new Set(servicesOf(draft).map(([, { wave }]) => wave));
  const names = namesOf(draft);
  return names.flatMap((name, index): readonly Mistake[] => {
    const path = ['waves', index, 'name'];
    if (name === undefined) return [];
    if (names.indexOf(name) < index)
      return [{ path, message: `there is a wave "${name}" before`, remedy: 'give each wave a name of its own' }];
    if (inUse.has(name)) return [];
    return [{ path, message: `no service goes over with wave "${name}"`, remedy: 'give it a service, or take it out' }];
  });
}

function inService(name: string, service: Service, draft: Draft, { services }: KnownNames): readonly Mistake[] {
  const path = ['services', name];
  const known = Object.keys(services);
  const found = inHistory(service, path);
  const names = namesOf(draft);
  const { wave, state = 'legacy' } = service;
  if (wave !== undefined && !names.includes(wave)) {
    const like = didYouMean(
      wave,
      names.filter((one) => one !== undefined),
    );
    found.push({ path: [...path, 'wave'], message: `there is no wave "${wave}"${like}`, remedy: oneOf(names) });
  }
  // whoever has not begun may be written into sluice.yaml later
  if (known.includes(name) || (state === 'legacy' && nearest(name, known) === undefined)) return found;
  const message = `there is no service "${name}" in sluice.yaml${didYouMean(name, known)}`;
  return [...found, { path, message, remedy: 'write it as there, or write it into sluice.yaml first', onKey: true }];
}

function inHistory({ state, history = [] }: Service, path: Path): Mistake[] {
  const found = history.flatMap((entry, index): readonly Mistake[] => {
    const before = history[index - 1];
    if (before?.to === undefined || entry?.from === undefined) return [];
    const place = [...path, 'history', index];
    if (before.to !== entry.from)
      return [
        { path: place, message: `it comes from "${entry.from}", and the entry before it ends in "${before.to}"` },
      ];
    if (!(Date.parse(entry.at ?? '') < Date.parse(before.at ?? ''))) return [];
    return [{ path: place, message: 'it is older than the entry before it', remedy: 'the oldest comes first' }];
  });
  const last = history.at(-1)?.to;
  if (last === undefined || state === undefined || last === state) return found;
  const message = `the state is "${state}", and its history ends in "${last}"`;
  const remedy =
    'let "sluice migration advance" or "revert" write it; whoever writes it by hand adds to the history, too';
  return [...found, { path: [...path, 'state'], message, remedy }];
}

interface Placed {
  readonly gate: Gate;
  readonly path: Path;
  /** The wave that it opens; undefined: it is one of states. */
  readonly wave?: number;
}

function gatesOf(draft: Draft): readonly Placed[] {
  return [
    ...ofStates(draft.gates, ['gates']),
    ...(draft.waves ?? []).flatMap((one, wave) =>
      placed(one?.gates, ['waves', wave, 'gates']).map((gate) => ({ ...gate, wave })),
    ),
    ...servicesOf(draft).flatMap(([name, one]) => ofStates(one.gates, ['services', name, 'gates'])),
  ];
}

function ofStates(lists: Lists | undefined, path: Path): readonly Placed[] {
  return Object.entries(lists ?? {}).flatMap(([state, list]) => placed(list, [...path, state]));
}

function placed(list: readonly (Gate | undefined)[] | undefined, path: Path): readonly Placed[] {
  return (list ?? []).flatMap((gate, index) => (gate instanceof Object ? [{ gate, path: [...path, index] }] : []));
}

interface Within {
  readonly draft: Draft;
  readonly known: KnownNames;
  readonly wave: number | undefined;
}

function inGate(gate: Gate, path: Path, { draft, known, wave }: Within): readonly Mistake[] {
  if ('wave' in gate) return ofWaveGate(gate.wave?.name, [...path, 'wave', 'name'], draft, wave);
  const [kind = '', said] = Object.entries(gate)[0] ?? [];
  const { environments = [] } = (said ?? {}) as { environments?: readonly (string | undefined)[] };
  return environments.flatMap((name, index) => {
    if (name === undefined || known.environments.includes(name)) return [];
    const message = `there is no environment "${name}"${didYouMean(name, known.environments)}`;
    return [{ path: [...path, kind, 'environments', index], message, remedy: oneOf(known.environments) }];
  });
}

function ofWaveGate(name: string | undefined, path: Path, draft: Draft, wave: number | undefined): readonly Mistake[] {
  const names = namesOf(draft);
  if (name === undefined) return [];
  const index = names.indexOf(name);
  if (index === -1) {
    const like = didYouMean(
      name,
      names.filter((one) => one !== undefined),
    );
    return [{ path, message: `there is no wave "${name}"${like}`, remedy: oneOf(names) }];
  }
  if (wave === undefined || index < wave) return [];
  const message = index === wave ? 'a wave cannot wait for itself' : `wave "${name}" comes later`;
  return [{ path, message, remedy: 'name one that stands before it, or change their order' }];
}
