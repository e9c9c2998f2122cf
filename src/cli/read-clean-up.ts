/** A plan that `sluice legacy plan --json` has written and somebody has kept. */
import { readFile } from 'node:fs/promises';
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { PlannedItem } from '../legacy/check.ts';
import type { ShownCleanUp } from './render/legacy.ts';

export interface KeptPlan {
  /** ISO 8601. */
  readonly removeNotBefore: string;
  /** What it lets go. */
  readonly items: readonly PlannedItem[];
}

/** Throws `input-invalid` for anything else. */
export async function readCleanUp(file: string): Promise<KeptPlan> {
  const invalid = (message: string): ReleaseEngineError =>
    new ReleaseEngineError('input-invalid', `${file} ${message}`, {
      remedy: 'Name the plan that was kept when things were disabled: sluice legacy plan --json > plan.json',
    });
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalid(`cannot be read: ${error.code ?? error.message}`);
  });
  const { removeNotBefore = '', items } = parsed(text);
  if (Number.isNaN(Date.parse(removeNotBefore)) || !Array.isArray(items)) throw invalid('is no plan of what may go');
  const going = (items as ShownCleanUp['items']).filter(({ mayGo }) => mayGo);
  return {
    removeNotBefore,
    items: going.map(({ kind, name, lastUse, steps }) => {
      if (
        typeof name !== 'string' ||
        steps?.restore === undefined ||
        steps.remove === undefined ||
        steps.undelete === undefined
      )
        throw invalid(`does not say of ${String(name)} how it is removed and brought back`);
      return { kind, name, lastUse, steps };
    }),
  };
}

function parsed(text: string): Partial<ShownCleanUp> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
