/** What rules about statements refer to, and what can be said about them without any statement. */
import { parseGitSource, predicateExpressionProblem } from '../../policy/proofs/index.ts';
import type { Path } from '../document.ts';
import { type Draft, type DraftEnvironment, type Finding, environmentsOf } from './rule.ts';

type DraftProofs = NonNullable<DraftEnvironment['proofs']>;

function proofsOf(draft: Draft): readonly { readonly path: Path; readonly proofs: DraftProofs }[] {
  return environmentsOf(draft).flatMap(([name, { proofs }]) =>
    typeof proofs === 'object' ? [{ path: ['environments', name, 'proofs'], proofs }] : [],
  );
}

export function sourcesAreRepositories(draft: Draft): readonly Finding[] {
  return proofsOf(draft).flatMap(({ path, proofs: { provenance } }) => {
    const sources = (provenance?.sources ?? []).flatMap((source, index): readonly Finding[] => {
      const parsed = source === undefined ? undefined : parseGitSource(source);
      if (source === undefined || (parsed !== undefined && parsed.ref === undefined && parsed.commit === undefined))
        return [];
      const message = `"${source}" is no address of a repository alone`;
      return [
        {
          path: [...path, 'provenance', 'sources', index],
          message,
          remedy: 'such as https://github.com/org/repo; its branch goes under "branches"',
        },
      ];
    });
    const branches = (provenance?.branches ?? []).flatMap((branch, index): readonly Finding[] => {
      if (branch === undefined || !/[\s~^:?*[\\]|\.\.|^\/|\/$|^refs\/?$/.test(branch)) return [];
      const message = `"${branch}" can be no branch: names are compared exactly, without patterns`;
      return [
        {
          path: [...path, 'provenance', 'branches', index],
          message,
          remedy: 'such as main, release/2026 or refs/tags/v1',
        },
      ];
    });
    return [...sources, ...branches];
  });
}

export function vulnerabilitiesAreLimited(draft: Draft): readonly Finding[] {
  return proofsOf(draft).flatMap(({ path, proofs: { vulnerabilities } }) => {
    const at = [...path, 'vulnerabilities'];
    const { most, exceptions = [] } = vulnerabilities ?? {};
    const limitless: readonly Finding[] =
      typeof most === 'object' && Object.keys(most).length === 0
        ? [{ path: [...at, 'most'], message: '"most" limits nothing', remedy: 'such as { critical: 0, high: 5 }' }]
        : [];
    const ids = exceptions.map((one) => one?.id);
    const twice = ids.flatMap((id, index): readonly Finding[] =>
      id === undefined || ids.indexOf(id) === index
        ? []
        : [
            {
              path: [...at, 'exceptions', index, 'id'],
              message: `there is an exception for "${id}" already`,
              remedy: 'keep one of them',
            },
          ],
    );
    return [...limitless, ...twice];
  });
}

export function predicatesAreBounded(draft: Draft): readonly Finding[] {
  return proofsOf(draft).flatMap(({ path, proofs: { predicates = [] } }) => {
    const names = predicates.map((one) => one?.name);
    return predicates.flatMap((one, index): readonly Finding[] => {
      const at = [...path, 'predicates', index];
      const problem = one?.cel === undefined ? undefined : predicateExpressionProblem(one.cel);
      const remedy = 'docs/proofs.md says what an expression may see and its limits';
      return [
        ...(problem === undefined
          ? []
          : [{ path: [...at, 'cel'], message: `the expression cannot be used: ${problem}`, remedy }]),
        ...(one?.name === undefined || names.indexOf(one.name) === index
          ? []
          : [
              {
                path: [...at, 'name'],
                message: `two predicates are called "${one.name}"`,
                remedy: 'give one another "name"',
              },
            ]),
      ];
    });
  });
}
