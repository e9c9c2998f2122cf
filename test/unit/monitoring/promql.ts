/** What a query of Prometheus asks for: names of series, and labels with them. Enough for our own queries; promtool does the grammar. */
export interface Asked {
  readonly series: readonly string[];
  readonly labels: readonly string[];
}

const SERIES = /\b(?:sluice|temporal)_[a-z_]+\b/g;

/** A name of ours that stands in braces, in `by (…)` or before an operator is a label. */
export function askedBy(query: string): Asked {
  const labels = [
    ...[...query.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) => [
      ...inside.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g),
    ]),
    ...[...query.matchAll(/\b(?:by|on|without)\s*\(([^)]*)\)/g)].flatMap(([, inside = '']) => [
      ...inside.matchAll(/([a-z_]+)/g),
    ]),
  ].map(([, label = '']) => label);
  const outside = query.replaceAll(/\{[^}]*\}/g, '').replaceAll(/\b(?:by|on|without)\s*\([^)]*\)/g, '');
  return { series: outside.match(SERIES) ?? [], labels };
}
