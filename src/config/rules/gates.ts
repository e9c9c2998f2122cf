/** What a gate refers to, and what can be said about its rule without asking it. */
import { RESTRAINTS } from '../../domain/restraint.ts';
import { expressionProblem, patternProblem } from '../../policy/gates/index.ts';
import { didYouMean } from '../did-you-mean.ts';
import { gateNames } from '../gate-names.ts';
import { gatesOf } from './draft-gates.ts';
import { type Draft, type Finding, environmentNames, environmentsOf, servicesOf } from './rule.ts';

/** Later on a path, or not before, an environment cannot have been healthy yet: the gate would never open. */
export function soaksAreBefore(draft: Draft): readonly Finding[] {
  const known = environmentNames(draft);
  const paths = [draft.path, ...servicesOf(draft).map(([, service]) => service.path)];
  return gatesOf(draft).flatMap(({ gate, path, environment }) => {
    const soaked = gate.soak?.in;
    if (soaked === undefined) return [];
    const at = [...path, 'soak', 'in'];
    if (!known.includes(soaked)) {
      const message = `there is no environment "${soaked}"${didYouMean(soaked, known)}`;
      return [{ path: at, message, remedy: `known: ${known.join(', ')}` }];
    }
    const remedy = 'name an environment that a release passes before this one';
    if (soaked === environment) return [{ path: at, message: `"${soaked}" cannot wait for itself`, remedy }];
    const wrong = paths.some((one) => {
      const here = one?.indexOf(environment) ?? -1;
      return one !== undefined && here >= 0 && one.indexOf(soaked) > here;
    });
    if (!wrong) return [];
    return [
      { path: at, message: `"${soaked}" comes after "${environment}" on the path: this gate would never open`, remedy },
    ];
  });
}

export function freezesNameServices(draft: Draft): readonly Finding[] {
  const groups = Object.keys(draft.serviceGroups ?? {});
  const known = [...Object.keys(draft.services ?? {}), ...groups];
  const what = groups.length === 0 ? 'service' : 'service or group of services';
  return gatesOf(draft).flatMap(({ gate, path }) =>
    (gate.freeze?.services ?? []).flatMap((name, index) => {
      if (name === undefined || known.includes(name)) return [];
      const message = `there is no ${what} "${name}"${didYouMean(name, known)}`;
      return [{ path: [...path, 'freeze', 'services', index], message, remedy: `known: ${known.join(', ')}` }];
    }),
  );
}

export function serviceGroupsNameServices(draft: Draft): readonly Finding[] {
  const known = Object.keys(draft.services ?? {});
  return Object.entries(draft.serviceGroups ?? {}).flatMap(([group, names]): readonly Finding[] => {
    const path = ['serviceGroups', group];
    if (known.includes(group)) {
      const message = `"${group}" is a service already`;
      return [{ path, onKey: true, message, remedy: 'give the group another name' }];
    }
    return (names ?? []).flatMap((name, index) => {
      if (name === undefined || known.includes(name)) return [];
      const message = `there is no service "${name}"${didYouMean(name, known)}`;
      return [{ path: [...path, index], message, remedy: `known: ${known.join(', ')}` }];
    });
  });
}

/** Overrides and commands name a gate. */
export function gateNamesAreUnique(draft: Draft): readonly Finding[] {
  const all = gatesOf(draft);
  return environmentsOf(draft).flatMap(([environment]) => {
    const gates = all.filter((gate) => gate.environment === environment);
    const names = gateNames(gates.map(({ kind, name }) => [kind, name]));
    return gates.flatMap(({ path, kind }, index) => {
      const name = names[index] ?? '';
      if (RESTRAINTS.some((builtIn) => builtIn === name)) {
        const message = `every environment has a gate "${name}" of its own`;
        return [{ path: [...path, kind, 'name'], message, remedy: 'give it another "name"' }];
      }
      if (names.indexOf(name) === index) return [];
      return [
        {
          path: [...path, kind],
          message: `two gates of "${environment}" are called "${name}"`,
          remedy: 'give one another "name"',
        },
      ];
    });
  });
}

export function patternsAreBounded(draft: Draft): readonly Finding[] {
  return gatesOf(draft).flatMap(({ gate, path }) => {
    const problem = gate.ticket?.pattern === undefined ? undefined : patternProblem(gate.ticket.pattern);
    if (problem === undefined) return [];
    return [
      {
        path: [...path, 'ticket', 'pattern'],
        message: `the pattern cannot be used: ${problem}`,
        remedy: 'write it like [A-Z]+-[0-9]+',
      },
    ];
  });
}

export function expressionsAreBounded(draft: Draft): readonly Finding[] {
  return gatesOf(draft).flatMap(({ gate, path }) => {
    const problem = gate.expression?.cel === undefined ? undefined : expressionProblem(gate.expression.cel);
    if (problem === undefined) return [];
    return [
      {
        path: [...path, 'expression', 'cel'],
        message: `the expression cannot be used: ${problem}`,
        remedy: 'docs/gates.md lists the facts and the limits',
      },
    ];
  });
}
