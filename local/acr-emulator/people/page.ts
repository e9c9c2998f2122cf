/** The pages a person sees: plain HTML, one form, nothing fetched from anywhere. */
import { createHash } from 'node:crypto';
import type { Reply } from '../http/exchange.ts';
import type { People } from './directory.ts';

const STYLE = [
  ':root{color-scheme:light dark}',
  'body{font:1.125rem/1.5 system-ui,sans-serif;max-width:30rem;margin:10vh auto;padding:0 1rem}',
  'label{display:block;margin-top:1rem}',
  'input,select,button{font:inherit;padding:.5rem;min-height:2.75rem;box-sizing:border-box}',
  'input,select{width:100%}input{text-transform:uppercase;letter-spacing:.15em}',
  'button{margin:1.5rem .75rem 0 0;padding:.5rem 1.5rem}',
  '[role=alert]{border-inline-start:.25rem solid;padding-inline-start:.75rem}',
].join('');
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export interface SignInForm {
  readonly people: People;
  /** Name of the application that asks; undefined until the code says which. */
  readonly application: string | undefined;
  readonly csrf: string;
  readonly asksForCode: boolean;
  /** User name chosen beforehand. */
  readonly chosen?: string | undefined;
  readonly mistake?: string | undefined;
}

export interface PageOptions {
  readonly cookie?: string;
  /** Origin to which the form's answer leads: browsers apply `form-action` to redirects too. */
  readonly returnsTo?: string;
}

export function signInPage(status: number, form: SignInForm, options: PageOptions): Reply {
  const title = form.application === undefined ? 'Sign in on a device' : `Sign in to ${form.application}`;
  const users = form.people.users.map(({ name, displayName }) => {
    const selected = name === form.chosen ? ' selected' : '';
    return `<option value="${escape(name)}"${selected}>${escape(displayName)} (${escape(name)})</option>`;
  });
  const code =
    '<label for="code">The code that your device shows</label>' +
    '<input id="code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus>';
  const body = [
    form.mistake === undefined ? '' : `<p role="alert">${escape(form.mistake)}</p>`,
    form.asksForCode ? '<p>Go on only if you started this sign-in yourself.</p>' : '',
    '<form method="post">',
    `<input type="hidden" name="csrf" value="${escape(form.csrf)}">`,
    form.asksForCode ? code : '',
    `<label for="user">You are</label><select id="user" name="user" required>${users.join('')}</select>`,
    '<button name="decision" value="approve">Sign in</button><button name="decision" value="deny">Refuse</button>',
    '</form><p>An emulator on your own machine: no password is asked for.</p>',
  ];
  return page(status, title, body.join(''), options);
}

export function messagePage(status: number, title: string, text: string): Reply {
  return page(status, title, `<p${status < 400 ? '' : ' role="alert"'}>${escape(text)}</p>`, {});
}

function page(status: number, title: string, body: string, { cookie, returnsTo }: PageOptions): Reply {
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>` +
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>` +
    `<body><main><h1>${escape(title)}</h1>${body}</main></body></html>`;
  const actions = returnsTo === undefined ? "'self'" : `'self' ${returnsTo}`;
  const policy = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${actions}; frame-ancestors 'none'; base-uri 'none'`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
      // Not `no-referrer`: with it a browser hides the form's own origin too.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
    },
    body: Buffer.from(html),
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
