/** Stops and holds in force, in the one sentence that every way of looking says; and that nobody could say. */
import type { DeskReport } from '../../client/index.ts';
import type { EnvironmentStatus } from '../../contract/environment-workflow.ts';
import { pastLine, type Restraint, restraintLine } from '../../domain/restraint.ts';
import { unreadLine } from '../../domain/unread.ts';
import { type Html, html } from '../html.ts';
import { environmentHref } from '../links.ts';
import { badge } from './badge.ts';
import { momentText } from './moment.ts';

export function renderRestraint(restraint: Restraint): Html {
  return html`<p class="warn restraint">${restraintLine(restraint, momentText)}</p>`;
}

/** Of all environments, for the head of the board. */
export function renderDesks({ known, unanswered }: DeskReport): Html {
  const restrained = known.filter((desk) => desk.restraints.length > 0);
  return html`${
    restrained.length > 0 &&
    html`<section class="box" aria-labelledby="in-force">
      <h2 id="in-force">Stopped or held</h2>
      ${restrained.map(
        ({ environment, restraints }) =>
          html`<h3><a href="${environmentHref(environment)}">${environment}</a></h3>
            ${restraints.map(renderRestraint)}`,
      )}
    </section>`
  }
  ${known.map(notKnown)} ${unanswered.length > 0 && silent(unanswered.join(', '))}`;
}

/** What is drawn instead when no worker answers. */
export function silent(where: string): Html {
  return html`<p class="muted">
    No worker answers for ${where}: stops, holds, and who changes something there are not known at the moment.
  </p>`;
}

/** Of an environment whose desk was opened anew and has not read yet what was before. */
export function notKnown({ environment, unread }: EnvironmentStatus): Html | undefined {
  return unread && html`<p class="warn">Not known yet: ${unreadLine(environment, unread)}</p>`;
}

/** What is over, the newest first, with how it ended. */
export function renderPast({ past = [] }: EnvironmentStatus): Html | undefined {
  if (past.length === 0) return undefined;
  return html`<details>
    <summary>Stopped or held before (${past.length})</summary>
    <ul>
      ${past.map((one) => html`<li>${pastLine(one, momentText)}</li>`)}
    </ul>
  </details>`;
}

/** In a cell of the board, where there is no room for reasons. */
export function restraintBadges(restraints: readonly Restraint[]): readonly Html[] {
  const kinds = new Set(restraints.map((one) => one.kind));
  return [...kinds].map((kind) => badge('warn', kind === 'stop' ? 'stopped' : 'held'));
}
