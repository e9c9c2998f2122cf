/** What every page has: landmarks, navigation, the way to its JSON. Complete without JavaScript. */
import type { Asset, Assets } from '../assets.ts';
import { type Html, html } from '../html.ts';
import { moment } from './moment.ts';

export interface Page {
  readonly title: string;
  /** Contains the page's only h1. */
  readonly main: Html;
  readonly here?: 'board' | 'releases';
  /** Address of the same as JSON. */
  readonly json?: string;
  /** People say something here: it runs what that needs. */
  readonly runs?: 'answering' | 'restraining';
}

/** What a page shows of whoever looks at it. */
export interface Frame {
  /** Signed in with the identity provider, until (ISO 8601). */
  readonly person?: { readonly subject: string; readonly expiresAt: string };
  /** For requests of this browser; only with a person, or where answers are taken. */
  readonly token?: string;
}

const NAVIGATION = [
  ['board', '/', 'Board'],
  ['releases', '/releases', 'Releases'],
] as const;

export function renderPage({ title, main, here, json, runs }: Page, assets: Assets, frame: Frame = {}): Html {
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
        ${frame.token !== undefined && html`<meta name="sluice-token" content="${frame.token}" />`}
        ${runs !== undefined && scriptsOf(assets[runs])} ${frame.person !== undefined && scriptOf(assets.leaving)}
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
          ${frame.person !== undefined && who(frame.person)}
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer>
          <p>
            This server has no say of its own: whoever answers does so as themselves, with a proof of their own.
            ${json !== undefined && html`<a href="${json}">This page as JSON</a>`}
          </p>
        </footer>
      </body>
    </html> `;
}

/** What one module imports is fetched under the hash that is named here, or not at all. */
function scriptsOf([entry, ...modules]: Assets['answering']): readonly Html[] {
  const preloads = modules.map(
    ({ href, integrity }) => html`<link rel="modulepreload" href="${href}" integrity="${integrity}" /> `,
  );
  return [...preloads, scriptOf(entry)];
}

function scriptOf({ href, integrity }: Asset): Html {
  return html`<script type="module" src="${href}" integrity="${integrity}"></script>`;
}

function who({ subject, expiresAt }: NonNullable<Frame['person']>): Html {
  return html`<p class="who">
    Signed in as <strong>${subject}</strong> until ${moment(expiresAt)}.
    <button type="button" id="sign-out" hidden>Sign out</button>
  </p>`;
}

const CURRENT = html` aria-current="page"`;
