/** Groups as approvals name them, from the claims of a token. */

export type GroupsAnswer =
  | { readonly ok: true; readonly groups: readonly string[] }
  /** The token says that there are groups and does not say which: "not in this list" would be a guess. */
  | { readonly ok: false };

export function groupsOf(
  claims: Readonly<Record<string, unknown>>,
  claim: 'groups' | 'roles',
  named: Readonly<Record<string, string>>,
): GroupsAnswer {
  const written = claims[claim];
  if (written === undefined && claim === 'groups' && isElsewhere(claims)) return { ok: false };
  const ids = Array.isArray(written) ? written : [];
  return {
    ok: true,
    groups: Object.entries(named)
      .filter(([, id]) => ids.includes(id))
      .map(([group]) => group),
  };
}

/** Entra ID leaves out more than two hundred groups and points at an API instead (`_claim_names`, or `hasgroups`). */
function isElsewhere({ _claim_names: names, hasgroups }: Readonly<Record<string, unknown>>): boolean {
  const pointed = typeof names === 'object' && names !== null && 'groups' in names;
  return pointed || hasgroups === true || hasgroups === 'true';
}
