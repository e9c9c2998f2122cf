// Answering as somebody whom the identity provider knows: it vouches for a key that this browser made and cannot give away.
import { element } from './element.js';
import { newKey } from './keys.js';
import { sayError, sayNo } from './said.js';
import { get, post } from './send.js';
import { keep, kept } from './store.js';

/** @param {import('./answer.js').Become} become */
export async function offerSignIn(become) {
  const button = element('sign-in', HTMLButtonElement);
  button.addEventListener('click', () => {
    void leaveForIssuer().catch(sayError);
  });
  const session = await get('/session.json');
  const person = session.ok ? session.value.person : undefined;
  if (person === undefined) return;
  const mine = await kept('sign-in');
  if (mine === undefined || mine.key.kid !== person.thumbprint) {
    return become(undefined, `Nobody: the key of ${person.subject}'s sign-in is not in this browser. Sign in again.`);
  }
  const signer = { ...mine.key, idToken: String(person.idToken) };
  button.textContent = 'Sign in as somebody else';
  const until = new Date(person.expiresAt).toISOString();
  const moment = `${until.slice(0, 10)} ${until.slice(11, 19)} UTC`;
  become(() => ({ subject: String(person.subject), signer }), `${person.subject}, signed in until ${moment}`);
}

/** Away from this page, and back to it. */
export async function leaveForIssuer() {
  const key = await newKey();
  await keep('sign-in', { key });
  const sent = await post('/sign-in', { thumbprint: key.kid, returnTo: location.pathname });
  if (sent.ok) location.assign(sent.value.location);
  else sayNo('Not signed in', sent.error);
}
