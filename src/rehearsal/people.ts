/** The people of a rehearsal: as many as each environment asks, in the groups that it asks, and always of good will. */
import { type ApprovalRule, groupsOfRule, type Rulebook } from '../domain/rulebook.ts';

export interface Person {
  /** "release-managers 1". */
  readonly name: string;
  readonly groups: readonly string[];
}

/** Whose yes is enough, in the order in which they may answer. */
export function peopleAsked(rule: ApprovalRule): readonly Person[] {
  const all = groupsOfRule(rule);
  const fewest = Math.min(...all.map((one) => one.required));
  const groups = rule.order === 'any-one' ? all.filter((one) => one.required === fewest).slice(0, 1) : all;
  const counts = new Map<string, number>();
  return groups.flatMap(({ required, from }) =>
    Array.from({ length: required }, () => {
      const [group = 'approvers'] = from;
      const count = (counts.get(group) ?? 0) + 1;
      counts.set(group, count);
      return { name: `${group} ${count}`, groups: [group] };
    }),
  );
}

/** Everybody whom any environment could ask: groups by name. */
export function everybody({ environments }: Rulebook): Readonly<Record<string, readonly string[]>> {
  const people = Object.values(environments).flatMap(({ approval }) =>
    approval === undefined ? [] : peopleAsked(approval),
  );
  return Object.fromEntries(people.map((one) => [one.name, one.groups]));
}
