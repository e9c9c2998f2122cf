/** What every form here has: the way to the identity provider, the last look, the place where the answer is read. */
import { type Html, html } from '../html.ts';

export function signInButton(issuer: string): Html {
  return html`<p>
    <button type="button" id="sign-in">Sign in</button>
    <span class="muted"
      >at ${new URL(issuer).host}; your browser makes a key for it, and you come back to this page</span
    >
  </p>`;
}

export function confirmation(): Html {
  return html`<dialog id="sure" aria-labelledby="sure-head">
    <h2 id="sure-head" tabindex="-1" autofocus></h2>
    <dl class="facts" id="sure-facts"></dl>
    <p>
      <button type="button" id="sure-yes"></button>
      <button type="button" id="sure-back">Go back</button>
    </p>
  </dialog>`;
}

export function result(): Html {
  return html`<div id="result" role="status" aria-live="polite" tabindex="-1"></div>`;
}
