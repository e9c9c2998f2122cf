/** What the grammar of the design has and this release does not do: refused, never ignored. */
import { type Draft, type Finding, environmentsOf } from './rule.ts';

export function gatesAreNotAvailable(draft: Draft): readonly Finding[] {
  return environmentsOf(draft)
    .filter(([, environment]) => environment.gates !== undefined)
    .map(([name]) => ({
      path: ['environments', name, 'gates'],
      onKey: true,
      message: 'gates are not available yet, and a rule that is not enforced must not stand here',
      remedy: 'remove it; "approvals" is what this release has',
    }));
}
