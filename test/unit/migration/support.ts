/** A small good migration, as text and as it is read, and facts to judge it by. */
import type { Facts, Place } from '../../../src/migration/facts.ts';
import { readMigration, type ReadMigration } from '../../../src/migration/file/read.ts';
import type { KnownNames } from '../../../src/migration/file/rules.ts';
import type { MigratingService } from '../../../src/migration/migration.ts';

export const NOW = Date.parse('2026-12-01T12:00:00Z');
export const DAY = 86_400_000;
export const PATH = ['dev', 'production'];

export const KNOWN: KnownNames = { services: { iam: PATH, billing: PATH }, environments: PATH };

export const GOOD = `# ours
version: 1
waves:
  - name: pilot
  - name: rest   # everything else
services:
  iam:
    owner: identity team
    wave: pilot
    state: legacy   # since ever
    backToLegacy:
      - Enable the old pipeline.
      - Run it with \${VERSION}.
  billing:
    owner: money team
    wave: rest
    state: legacy
    backToLegacy: [Call Lee.]
`;

export function readIt(text = GOOD, known = KNOWN): ReadMigration {
  return readMigration(text, '/repo/migration.yaml', known);
}

export function serviceIn(text: string, name = 'iam'): MigratingService {
  const found = readIt(text).migration.services.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

export function aPlace(more: Partial<Place> = {}): Place {
  return { restraints: [], arrived: [], entering: [], ...more };
}

export function facts(more: Partial<Facts> = {}): Facts {
  return { nowMs: NOW, path: PATH, comparisons: [], rehearsals: [], places: {}, ...more };
}
