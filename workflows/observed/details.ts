/** The observation on Temporal's own screen. */
import type { ObservationResult } from '../../src/contract/observation-workflow.ts';

/** Markdown, short: the whole of it is the run's result. */
export function detailsOf({ verdict, reason, environments }: ObservationResult): string {
  const rows = environments.map(
    ({ environment, verdict: one, live }) => `| ${environment} | ${one} | ${live?.says ?? ''} |`,
  );
  const table =
    rows.length === 0 ? [] : ['| environment | verdict | what runs there now |', '| --- | --- | --- |', ...rows];
  return [`**${verdict}**: ${reason}`, table.join('\n'), 'Nothing was changed.']
    .filter((one) => one !== '')
    .join('\n\n');
}
