/** What every page has: landmarks, navigation, the way to its JSON. Complete without JavaScript. */
import type { Assets } from '../assets.ts';
import { type Html, html } from '../html.ts';

export interface Page {
  readonly title: string;
  /** Contains the page's only h1. */
  readonly main: Html;
  readonly here?: 'board' | 'releases';
  /** Address of the same as JSON. */
  readonly json?: string;
}

const NAVIGATION = [
  ['board', '/', 'Board'],
  ['releases', '/releases', 'Releases'],
] as const;

export function renderPage({ title, main, here, json }: Page, assets: Assets): Html {
  const links = NAVIGATION.map(
    ([name, href, text]) => html`<li><a href="${href}" ${name === here && CURRENT}>${text}</a></li>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title} · Sluice</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="${assets.icon.href}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets.style.href}" integrity="${assets.style.integrity}" />
        <script type="module" src="${assets.live.href}" integrity="${assets.live.integrity}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <nav aria-label="Pages">
            <span class="brand">Sluice</span>
            <ul>
              ${links}
            </ul>
          </nav>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer>
          <p>
            This server only shows. Whoever answers does so as themselves, with the commands shown here.
            ${json !== undefined && html`<a href="${json}">This page as JSON</a>`}
          </p>
        </footer>
      </body>
    </html> `;
}

const CURRENT = html` aria-current="page"`;
