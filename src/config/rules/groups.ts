/** Groups that rules name, against those that somebody can prove to be in. */
import { didYouMean } from '../did-you-mean.ts';
import type { Path } from '../document.ts';
import { gatesOf } from './draft-gates.ts';
import { type Draft, type DraftEnvironment, type Finding, environmentsOf } from './rule.ts';

interface Place {
  readonly path: Path;
  readonly groups: readonly (string | undefined)[];
}

/** A group that nobody can be in would be waited for without an end. */
export function unknownGroups(draft: Draft, held: readonly string[]): readonly Finding[] {
  const known = [...new Set(held)];
  const places = [...environmentsOf(draft).flatMap(([name, one]) => placesOf(name, one)), ...overridesOfGates(draft)];
  return places.flatMap(({ path, groups }) =>
    groups.flatMap((group, index) =>
      group === undefined || known.includes(group) ? [] : [unknownGroup([...path, index], group, known)],
    ),
  );
}

function placesOf(name: string, { approvals = [], approvalPolicy, overrides }: DraftEnvironment): readonly Place[] {
  const base = ['environments', name];
  return [
    ...approvals.map((one, index) => ({ path: [...base, 'approvals', index, 'from'], groups: one?.from ?? [] })),
    { path: [...base, 'approvalPolicy', 'widen', 'to'], groups: approvalPolicy?.widen?.to ?? [] },
    { path: [...base, 'overrides', 'stop'], groups: overrides?.stop ?? [] },
    { path: [...base, 'overrides', 'hold'], groups: overrides?.hold ?? [] },
  ];
}

function overridesOfGates(draft: Draft): readonly Place[] {
  return gatesOf(draft).map(({ path, kind, override }) => ({ path: [...path, kind, 'override'], groups: override }));
}

function unknownGroup(path: Path, group: string, known: readonly string[]): Finding {
  const message = `nobody can prove to be in "${group}"${didYouMean(group, known)}`;
  const remedy = `name its people under trust.approvers, or its id under trust.identity.groups; known: ${known.join(', ')}`;
  return { path, message, remedy };
}
