/** A page for what cannot be shown: what happened, since when, what to do. */
import { html } from '../html.ts';
import type { Page } from './page.ts';
import { moment } from './moment.ts';
import { whatToDo } from './what-to-do.ts';

export interface Trouble {
  readonly title: string;
  readonly message: string;
  readonly code?: string;
  readonly expected?: string;
  readonly got?: string;
  readonly remedy?: string;
  /** ISO 8601: since when every page says so. */
  readonly since?: string;
}

export function troublePage({ title, message, code, expected, got, remedy, since }: Trouble): Page {
  const main = html`<h1>${title}</h1>
    <p>${message}</p>
    <dl class="facts">
      ${
        since !== undefined &&
        html`<dt>Since</dt>
          <dd>${moment(since)}</dd>`
      }
      ${whatToDo({ expected, got, remedy })}
      ${
        code !== undefined &&
        html`<dt>Code</dt>
          <dd><code>${code}</code></dd>`
      }
    </dl>
    <p><a href="/">Board</a> · <a href="/releases">Releases</a></p>`;
  return { title, main };
}
