// The form of a question: whoever it is signs here, with a key that stays here. The server only hands on what was signed.
import { confirmed } from './confirm.js';
import { element, elementIfThere } from './element.js';
import { offerOwnKey } from './own-key.js';
import { Complaint, sayError, sayNo, sayNothing, sayYes } from './said.js';
import { post } from './send.js';
import { offerSignIn } from './sign-in.js';
import { signStatement } from './statement.js';

/**
 * @typedef {object} Identity
 * @property {string} subject
 * @property {import('./keys.js').SigningKey & { idToken?: string }} [signer] nobody proves anything without
 */
/** @typedef {() => Identity} Present throws what is still missing */
/** @typedef {(present: Present | undefined, words: string) => void} Become */
/** @typedef {import('./statement.js').Words} Words */

const section = elementIfThere('answer', HTMLElement);
if (section) void open(section).catch(sayError);

/** @param {HTMLElement} section */
async function open(section) {
  /** @type {Present} */
  let present = nobody;
  section.hidden = false;
  elementIfThere('commands', HTMLDetailsElement)?.removeAttribute('open');
  element('words', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void answer(section, present).catch(sayError);
  });
  if (section.dataset['proof'] === 'none') {
    present = named;
    return;
  }
  /** @type {Become} */
  const become = (next, words) => {
    present = next ?? nobody;
    element('as', HTMLElement).textContent = words;
  };
  if (elementIfThere('sign-in', HTMLElement)) await offerSignIn(become);
  if (elementIfThere('own-key', HTMLElement)) await offerOwnKey(become, () => present === nobody);
}

/** @type {Present} */
function nobody() {
  throw new Complaint('Nobody answers yet.', 'Say who you are first: choose your key, or sign in.');
}

/** @type {Present} */
function named() {
  const name = element('name', HTMLInputElement);
  const subject = name.value.trim();
  if (subject !== '') return { subject };
  name.focus();
  throw new Complaint('Your name is missing.', 'Write it.');
}

/**
 * @param {HTMLElement} section
 * @param {Present} present
 */
async function answer(section, present) {
  sayNothing();
  const { subject, signer } = present();
  const words = wordsOf(new FormData(element('words', HTMLFormElement)));
  /** @type {import('./statement.js').Facts} */
  const facts = JSON.parse(section.dataset['facts'] ?? '');
  const isOverride = section.dataset['kind'] === 'override';
  if (isOverride) mustPass(words);
  const yes = words.decision === 'approve';
  const sure = await confirmed({
    head: isOverride ? 'Let it pass?' : yes ? 'Say yes?' : 'Say no?',
    facts: [
      .../** @type {[string, string][]} */ (isOverride ? [] : [['Answer', yes ? 'Yes, let it in' : 'No, refuse it']]),
      ['To', `${facts.service} ${facts.version} → ${facts.environment}`],
      ['Plan', section.dataset['plan'] ?? ''],
      ['As', subject],
      .../** @type {[string, string][]} */ (words.reason === undefined ? [] : [['Reason', words.reason]]),
      .../** @type {[string, string][]} */ (words.overrides ? [['Passes', words.overrides.join(', ')]] : []),
    ],
    yes: signer === undefined ? 'Send' : 'Sign and send',
  });
  if (!sure) return;
  const moment = { now: new Date(), goodForMs: Number(section.dataset['goodForMs']) };
  const statement = signer && (await signStatement({ ...facts, ...words }, subject, signer, moment));
  const { service, version, environment, planDigest: plan } = facts;
  const sent = await post(isOverride ? '/overrides' : '/answers', {
    service,
    version,
    environment,
    plan,
    approver: subject,
    ...words,
    statement,
  });
  if (sent.ok) sayYes(isOverride ? 'It may pass' : yes ? 'Your yes counts' : 'Your no counts', sent.value.message);
  else sayNo(sent.status === 409 ? 'Your answer does not count' : 'Nobody said whether it counts', sent.error);
}

/** @param {Words} words */
function mustPass({ overrides }) {
  if (overrides === undefined) throw new Complaint('No gate is named.', 'Choose which closed gates it may pass.');
}

/**
 * @param {FormData} form
 * @returns {Words}
 */
function wordsOf(form) {
  const decision = form.get('decision') === 'approve' ? 'approve' : 'reject';
  const reason = String(form.get('reason') ?? '').trim();
  const overrides = form.getAll('override').map(String);
  if (reason === '' && (decision === 'reject' || overrides.length > 0)) {
    document.querySelector('textarea')?.focus();
    throw new Complaint('The reason is missing.', 'A no needs one, and so does passing a closed gate.');
  }
  return {
    decision,
    ...(reason === '' ? {} : { reason }),
    ...(overrides.length === 0 ? {} : { overrides }),
  };
}
