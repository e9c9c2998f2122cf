/** Reads whatever was named of both sides and has it compared. Changes nothing. */
import type { Config } from '../../config/config.ts';
import type { ServiceRules } from '../../domain/rulebook.ts';
import { type Comparison, compareServices, foreignLists } from './compare-services.ts';
import { assertNone, mayDiffer, recordedObjects, recordedTimes } from './recorded.ts';
import { engineTimes } from './engine-times.ts';

export interface CompareOptions {
  readonly environment: string;
  readonly legacy: readonly string[];
  readonly sluice: readonly string[];
  readonly legacyNamespace?: string;
  readonly ignore?: string;
  readonly legacyTook?: string;
  readonly sluiceTook?: string;
  readonly tolerance: number;
}

const AGAIN = 'Record the lists again; nothing was compared.';

/** Throws `input-invalid` with every problem of every file. */
export async function gatherAndCompare(
  _config: Config,
  services: readonly ServiceRules[],
  options: CompareOptions,
): Promise<Comparison> {
  const { environment, legacyNamespace } = options;
  const [legacy, sluice, minded, legacyTook, sluiceTook] = await Promise.all([
    recordedObjects(options.legacy),
    recordedObjects(options.sluice),
    mayDiffer(options.ignore),
    recordedTimes(options.legacyTook),
    recordedTimes(options.sluiceTook),
  ]);
  // of what could not be read nobody knows where it is from
  assertNone(
    [legacy, sluice, minded, legacyTook, sluiceTook].flatMap(({ problems }) => problems),
    AGAIN,
  );
  const old = { from: options.legacy.join(', '), objects: legacy.value };
  const now = { from: options.sluice.join(', '), objects: sluice.value };
  const asked = { environment, services, legacyNamespace };
  assertNone(foreignLists(asked, old, now), AGAIN);
  const isAsked = options.legacyTook !== undefined && options.sluiceTook === undefined;
  const measured = isAsked ? await engineTimes(environment) : sluiceTook.value;
  const took = (service: string) => ({ legacyMs: legacyTook.value.get(service), sluiceMs: measured.get(service) });
  return compareServices({ ...asked, ignored: minded.value, toleranceMs: options.tolerance, took }, old, now);
}
