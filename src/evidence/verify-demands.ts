/** Whether what the trust file demands by name is demanded of this release: a name that is misspelt demands nothing of anybody. */
import type { KeptRelease } from './derived.ts';
import { type Finding, missing } from './findings.ts';
import { recordOf } from '../content/json-object.ts';
import type { EvidenceTrust } from './trust.ts';

/** That an environment is left unnamed is told elsewhere, and no fault: one beside a name that is nobody's is. */
export function verifyDemands(release: KeptRelease, { named = [] }: EvidenceTrust): readonly Finding[] {
  const promotions = release.promotions.filter(({ run }) => run.outcome?.kind === 'released');
  const unnamed = [...new Set(promotions.map(({ environment }) => environment))].filter((one) => !named.includes(one));
  const path = pathOf(release);
  const strangers = named.filter((name) => !path.includes(name));
  if (unnamed.length === 0 || strangers.length === 0) return [];
  const why = `this release goes through ${path.join(', ')}, and the trust file does not name ${unnamed.join(', ')}; correct the name, or name them without a demand ("${unnamed[0]}: {}")`;
  return [missing('demand', `what is demanded of ${strangers.join(', ')}`, why)];
}

/** As the engine has read it when the release began; without that, where it has been. */
function pathOf({ history, promotions }: KeptRelease): readonly string[] {
  const { answer } = history.activities.find(({ activity }) => activity === 'readJourney') ?? {};
  const { path } = recordOf(answer);
  const entered = promotions.map(({ environment }) => environment);
  return [...new Set([...(Array.isArray(path) ? path.map(String) : []), ...entered])];
}
