/** Reads whatever was named of both sides and has it compared. Changes nothing. */
import type { Config } from '../../config/config.ts';
import { namespaceOf, type ServiceRules } from '../../domain/rulebook.ts';
import { type Comparison, compareServices, foreignLists } from './compare-services.ts';
import { engineTimes } from './engine-times.ts';
import { assertNone, mayDiffer, recordedTimes } from './recorded.ts';
import { assertSources, legacySide, type SourceOptions, sluiceSide } from './sources.ts';

export interface CompareOptions extends SourceOptions {
  readonly ignore?: string;
  readonly legacyTook?: string;
  readonly sluiceTook?: string;
  readonly tolerance: number;
}

const AGAIN = 'Record the lists again; nothing was compared.';

/** Throws `input-invalid` with every problem of every file, and what a cluster or registry throws. */
export async function gatherAndCompare(
  config: Config,
  services: readonly ServiceRules[],
  options: CompareOptions,
): Promise<Comparison> {
  assertSources(options, services);
  const { environment, legacyNamespace } = options;
  const namespaces = services.map((one) => legacyNamespace ?? namespaceOf(one, environment));
  const [legacy, sluice, minded, legacyTook, sluiceTook] = await Promise.all([
    legacySide(options, namespaces),
    sluiceSide(options, config, services),
    mayDiffer(options.ignore),
    recordedTimes(options.legacyTook),
    recordedTimes(options.sluiceTook),
  ]);
  // of what could not be read nobody knows where it is from
  assertNone(
    [legacy, sluice, minded, legacyTook, sluiceTook].flatMap(({ problems }) => problems),
    AGAIN,
  );
  const asked = { at: new Date().toISOString(), environment, services, legacyNamespace };
  assertNone(foreignLists(asked, legacy.value, sluice.value), AGAIN);
  const isAsked = options.legacyTook !== undefined && options.sluiceTook === undefined;
  const measured = isAsked ? await engineTimes(environment) : sluiceTook.value;
  const took = (service: string) => ({ legacyMs: legacyTook.value.get(service), sluiceMs: measured.get(service) });
  return compareServices(
    { ...asked, ignored: minded.value, toleranceMs: options.tolerance, took },
    legacy.value,
    sluice.value,
  );
}
