/** Text of `migration.yaml` → {@link Migration}, or every mistake in it at once. */
import { basename, dirname, resolve } from 'node:path';
import { ConfigError, inOrder } from '../../config/config-error.ts';
import { type Path, readDocument, type SourceDocument } from '../../config/document.ts';
import { msOf } from '../../config/duration.ts';
import { without } from '../../config/prune.ts';
import { schemasIn } from '../../config/schema-document.ts';
import { problemsOfIssues } from '../../config/schema-problems.ts';
import type { Problem } from '../../domain/error-code.ts';
import { type Gate, type Gates, USUAL_GATES, usualWaveGates } from '../gate.ts';
import type { Migration, MigratingService, SignOff } from '../migration.ts';
import { type Draft, type KnownNames, type Mistake, mistakesIn } from './rules.ts';
import { migrationSchema } from './schema.ts';
import {
  COMPARISONS,
  REHEARSALS,
  type WrittenMigration,
  type WrittenMigrationGate,
  writtenMigration,
} from './written.ts';

export interface ReadMigration {
  readonly migration: Migration;
  /** What is no mistake, and has to be known all the same. */
  readonly warnings: readonly Problem[];
}

/** Steps for people may name variables of theirs: each stays as it is written. */
const AS_WRITTEN: Readonly<Record<string, string>> = new Proxy({}, { get: (_, name) => `\${${String(name)}}` });

/** `file`: absolute path. Throws {@link ConfigError} `config-invalid`. */
export function readMigration(text: string, file: string, known: KnownNames): ReadMigration {
  const document = readDocument(text, basename(file), AS_WRITTEN);
  if (!document.readable) throw new ConfigError('config-invalid', document.problems);
  const parsed = writtenMigration.safeParse(document.value);
  const shape = parsed.success ? [] : problemsOfIssues(parsed.error.issues, document, schemasIn(migrationSchema()));
  const readable = without(
    document.value,
    shape.map(({ path }) => path),
  );
  const mistakes = mistakesIn((readable ?? {}) as Draft, known).map((one) => problemOf(one, document));
  const problems = [...document.problems, ...shape.map(plain), ...mistakes];
  if (problems.length > 0 || !parsed.success) throw new ConfigError('config-invalid', inOrder(problems));
  return { migration: migrationOf(parsed.data, file), warnings: warningsOf(parsed.data, known, document) };
}

function problemOf({ path, message, remedy, onKey }: Mistake, document: SourceDocument): Problem {
  const where = onKey === true ? document.whereKey(path) : document.where(path);
  return { where, message, ...(remedy === undefined ? {} : { remedy }) };
}

function plain({ where, message, remedy }: Problem): Problem {
  return { where, message, ...(remedy === undefined ? {} : { remedy }) };
}

function warningsOf({ services }: WrittenMigration, known: KnownNames, document: SourceDocument): readonly Problem[] {
  const at: Path = ['services'];
  return Object.keys(known.services)
    .filter((name) => !(name in services))
    .map((name) => ({
      where: document.whereKey(at),
      message: `${name} is in sluice.yaml, and in no wave`,
      remedy: 'write it under "services"; one that has always been with Sluice as "state: done"',
    }));
}

function migrationOf(written: WrittenMigration, file: string): Migration {
  const at = (path: string): string => resolve(dirname(file), path);
  const common = gatesOf(written.gates, USUAL_GATES);
  return {
    file,
    waves: written.waves.map(({ name, gates, signOffs = [] }, index) => ({
      name,
      gates: gates?.map(gateOf) ?? usualWaveGates(written.waves[index - 1]?.name),
      signOffs: signOffs.map(signOffOf),
    })),
    services: Object.entries(written.services).map(([name, one]) => serviceOf(name, one, common)),
    comparisons: at(written.comparisons ?? COMPARISONS),
    rehearsals: at(written.rehearsals ?? REHEARSALS),
  };
}

function serviceOf(
  name: string,
  { owner, wave, state, backToLegacy, gates, signOffs = [], history = [] }: WrittenMigration['services'][string],
  common: Gates,
): MigratingService {
  return {
    ...{ name, owner, wave, state, backToLegacy },
    gates: gatesOf(gates, common),
    signOffs: signOffs.map((one) => ({ ...signOffOf(one), for: one.for })),
    history: history.map(({ reason, ...rest }) => ({ ...rest, ...(reason === undefined ? {} : { reason }) })),
  };
}

function signOffOf({ by, at, note }: { by: string; at: string; note?: string | undefined }): SignOff {
  return { by, at, ...(note === undefined ? {} : { note }) };
}

function gatesOf(written: WrittenMigration['gates'], otherwise: Gates): Gates {
  return {
    comparing: written?.comparing?.map(gateOf) ?? otherwise.comparing,
    adopted: written?.adopted?.map(gateOf) ?? otherwise.adopted,
    managed: written?.managed?.map(gateOf) ?? otherwise.managed,
    done: written?.done?.map(gateOf) ?? otherwise.done,
  };
}

function gateOf(written: WrittenMigrationGate): Gate {
  if ('comparisons' in written) {
    const { equal, within, environments } = written.comparisons;
    return { kind: 'comparisons', equal, withinMs: msOf(within), ...inThese(environments) };
  }
  if ('adopted' in written) return { kind: 'adopted', ...inThese(written.adopted.environments) };
  if ('rehearsal' in written) {
    const { within, forReal, environments } = written.rehearsal;
    const how = forReal === undefined ? {} : { forReal };
    return { kind: 'rehearsal', withinMs: msOf(within), ...how, ...inThese(environments) };
  }
  if ('releases' in written) {
    return { kind: 'releases', last: written.releases.last, ...inThese(written.releases.environments) };
  }
  if ('unrestrained' in written) return { kind: 'unrestrained', ...inThese(written.unrestrained.environments) };
  if ('wave' in written) {
    const { name, state, for: length } = written.wave;
    return { kind: 'wave', name, state, ...(length === undefined ? {} : { forMs: msOf(length) }) };
  }
  const { by } = written.signOff;
  return { kind: 'sign-off', ...(by === undefined ? {} : { by }) };
}

function inThese(environments: readonly string[] | undefined): { readonly environments?: readonly string[] } {
  return environments === undefined ? {} : { environments };
}
