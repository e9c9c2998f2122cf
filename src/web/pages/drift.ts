/** That something is not as its promotion left it: since when, what, and what to do. */
import type { BoardPlace } from '../../client/index.ts';
import { driftedSince, type Finding, findingLine } from '../../domain/finding.ts';
import { type Html, html } from '../html.ts';
import { badge } from './badge.ts';
import { age } from './moment.ts';

export function renderDrift({ drift }: Pick<BoardPlace, 'drift'>, now: Date): Html | undefined {
  const since = driftedSince(drift?.findings ?? []);
  if (drift === undefined || since === undefined) return undefined;
  const { findings, reaction } = drift;
  return html`<div class="drift">
    ${badge('bad', html`drifted for ${age(since, now)}`)}
    <details>
      <summary>What is not as it was left</summary>
      <ul>
        ${findings.map(renderFinding)}
      </ul>
      ${reaction !== undefined && html`<p>Done about it: ${reaction.kind}${reaction.because !== undefined && ` (${reaction.because})`}</p>`}
    </details>
  </div>`;
}

function renderFinding(finding: Finding): Html {
  const { remedy } = finding;
  return html`<li>
    ${findingLine(finding)}${remedy !== undefined && html`<br /><span class="muted">To do: ${remedy}</span>`}
  </li>`;
}
