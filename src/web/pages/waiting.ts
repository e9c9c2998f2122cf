/** Why nothing moves: what is asked, of whom, until when, what happens then, and the command that answers it. */
import type { Attention } from '../../contract/status.ts';
import { type Wait, waitParts } from '../../domain/waiting.ts';
import { type Html, html } from '../html.ts';
import { moment } from './moment.ts';
import { whatToDo } from './what-to-do.ts';

export function renderWaiting(waiting: Wait): Html {
  const { reason, answer } = waiting;
  return html`<div class="box">
    <h3>Waits: ${reason}</h3>
    ${waitingFacts(waiting)} ${answer.length > 0 && html`<p>To answer, type:</p>`} ${commandsOf(waiting)}
  </div>`;
}

/** Of whom, since and until when, and what happens then. */
export function waitingFacts(wait: Wait): Html {
  const facts = waitParts(wait).map(
    ({ label, text, isMoment }) =>
      html`<dt>${label}</dt>
        <dd>${isMoment ? moment(text) : text}</dd>`,
  );
  return html`<dl class="facts">${facts}</dl>`;
}

export function commandsOf({ answer }: Pick<Wait, 'answer'>): readonly Html[] {
  return answer.map((command) => html`<code class="command">${command}</code>`);
}

export function renderAttention({ step, code, message, expected, got, remedy, since }: Attention): Html {
  return html`<div class="box alarm">
    <h3>Needs attention: ${message}</h3>
    <dl class="facts">
      <dt>Step</dt>
      <dd>${step}</dd>
      <dt>Code</dt>
      <dd><code>${code}</code></dd>
      <dt>Since</dt>
      <dd>${moment(since)}</dd>
      ${whatToDo({ expected, got, remedy })}
    </dl>
  </div>`;
}
