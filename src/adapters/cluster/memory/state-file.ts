/** What the simulated cluster holds, and keeping it in a file so that a killed worker finds its cluster again. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ObjectRef } from '../../../domain/manifest-object.ts';
import { REMEMBERED, type Remembered } from '../../../ports/release-records.ts';
import { type SimulatedObject, keyOf } from './simulated-object.ts';

/** Something that changed the simulated cluster; what changes nothing leaves none. */
export type ClusterEffect =
  | {
      readonly kind: 'applied';
      readonly ref: ObjectRef;
      readonly generation: number;
      readonly created: boolean;
      readonly images: readonly string[];
    }
  | { readonly kind: 'removed'; readonly ref: ObjectRef }
  | {
      readonly kind: 'recorded' | 'admitted' | 'restrained' | 'kept' | 'seen';
      readonly namespace: string;
      readonly service: string;
    };

/** Texts by `<namespace>/<service>`, each kind in its own map. */
export interface SimulatedState extends Readonly<Record<Remembered, Map<string, string>>> {
  readonly objects: Map<string, SimulatedObject>;
  readonly effects: ClusterEffect[];
}

interface Saved {
  readonly format: 1;
  readonly objects: readonly SimulatedObject[];
  readonly remembered?: Readonly<Partial<Record<Remembered, Readonly<Record<string, string>>>>>;
  readonly effects: readonly ClusterEffect[];
}

/** Throws what the file system throws, and SyntaxError for a file that somebody else wrote. */
export function readState(file: string | undefined): SimulatedState {
  const saved = file === undefined ? undefined : load(file);
  return {
    objects: new Map((saved?.objects ?? []).map((one) => [keyOf(one.ref), one])),
    ...byKind((about) => new Map(Object.entries(saved?.remembered?.[about] ?? {}))),
    effects: [...(saved?.effects ?? [])],
  };
}

/** Whole and at once: a kill leaves the old state or the new one. One process per file. */
export function writeState(file: string | undefined, state: SimulatedState): void {
  if (file === undefined) return;
  const saved: Saved = {
    format: 1,
    objects: [...state.objects.values()],
    remembered: byKind((about) => Object.fromEntries(state[about])),
    effects: state.effects,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(saved), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function byKind<Value>(of: (about: Remembered) => Value): Record<Remembered, Value> {
  return Object.fromEntries(REMEMBERED.map((about) => [about, of(about)])) as Record<Remembered, Value>;
}

function load(file: string): Saved | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Saved;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
