/** What a guardian must not be told. */
import { GUARDIAN } from '../defaults.ts';
import { msOf, parseDuration } from '../duration.ts';
import { type Draft, environmentsOf, type Finding } from './rule.ts';

/** Oftener it would be a burden for registry and cluster, more seldom it would guard nothing. */
export function guardiansLookInTime(draft: Draft): readonly Finding[] {
  return environmentsOf(draft).flatMap(([name, { guardian }]) => {
    const every = guardian?.every === undefined ? undefined : parseDuration(guardian.every);
    if (every === undefined || (every >= msOf(GUARDIAN.shortest) && every <= msOf(GUARDIAN.longest))) return [];
    const message = `write ${GUARDIAN.shortest} or more, and ${GUARDIAN.longest} or less`;
    const remedy = `leave it out for ${GUARDIAN.every}; "sluice guardian --check" looks at once`;
    return [{ path: ['environments', name, 'guardian', 'every'], message, remedy }];
  });
}
