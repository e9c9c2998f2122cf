// The form of an environment: stops, holds, and their ends. Nothing is signed: the server knows who is signed in, or takes the name.
import { confirmed } from './confirm.js';
import { element, elementIfThere } from './element.js';
import { Complaint, sayError, sayNo, sayNothing, sayYes } from './said.js';
import { post } from './send.js';
import { leaveForIssuer } from './sign-in.js';

/** @typedef {'stop' | 'hold' | 'thaw' | 'lift'} Action */

/** Milliseconds in a unit. */
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };
/** @type {Readonly<Record<Action, string>>} */
const DONE = { stop: 'It is stopped', hold: 'It is held', thaw: 'It goes on', lift: 'It may enter again' };

const section = elementIfThere('restrain', HTMLElement);
if (section) open(section);

/** @param {HTMLElement} section */
function open(section) {
  section.hidden = false;
  elementIfThere('commands', HTMLDetailsElement)?.removeAttribute('open');
  elementIfThere('sign-in', HTMLButtonElement)?.addEventListener('click', () => {
    void leaveForIssuer().catch(sayError);
  });
  const form = elementIfThere('words', HTMLFormElement);
  if (form === undefined) return;
  form.addEventListener('change', () => show(form));
  show(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void say(section, form).catch(sayError);
  });
}

/**
 * Only what belongs to the choice: an end has no scope of its own, a stop always ends by itself. What is hidden is disabled, or a browser
 * would hold back the form for what nobody sees.
 * @param {HTMLFormElement} form
 */
function show(form) {
  const action = chosen(form)?.value;
  const lasting = element('for-lifted', HTMLOptionElement);
  const time = element('for', HTMLSelectElement);
  const scope = element('scope', HTMLFieldSetElement);
  scope.hidden = scope.disabled = action === 'thaw' || action === 'lift';
  lasting.disabled = action !== 'hold';
  if (lasting.disabled && time.value === 'lifted') time.selectedIndex = 0;
  const own = element('own-time', HTMLInputElement);
  own.disabled = time.value !== 'own';
  for (const label of own.labels ?? []) label.hidden = own.disabled;
}

/** @param {HTMLFormElement} form */
function chosen(form) {
  return /** @type {HTMLInputElement | null} */ (form.querySelector('input[name="action"]:checked'));
}

/**
 * @param {HTMLElement} section
 * @param {HTMLFormElement} form
 */
async function say(section, form) {
  sayNothing();
  const by = speaker(section);
  const { environment = '' } = section.dataset;
  const words = wordsOf(form);
  const { action, service, reason, incident, forMs } = words;
  const ends = action === 'thaw' || action === 'lift';
  const sure = await confirmed({
    head: { stop: 'Stop it?', hold: 'Hold it?', thaw: 'Let it go on?', lift: 'Let it enter again?' }[action],
    facts: [
      ['Where', `${service ?? 'every service'} in ${environment}`],
      .../** @type {[string, string][]} */ (ends ? [] : [['For', words.time]]),
      ['As', by],
      ['Reason', reason],
      .../** @type {[string, string][]} */ (incident === undefined ? [] : [['Incident', incident]]),
    ],
    yes: { stop: 'Stop', hold: 'Hold', thaw: 'Thaw', lift: 'Lift' }[action],
  });
  if (!sure) return;
  const sent = await post('/restraints', { action, environment, service, reason, incident, forMs, by });
  if (!sent.ok) return sayNo('Nothing has changed, as far as anybody said', sent.error);
  const { message, told, enforced } = sent.value;
  const late = enforced ? '' : ` ${environment}'s own workers have not written it down yet; they keep trying.`;
  sayYes(DONE[action], `${message}; told ${told} under way.${late}`);
}

/**
 * Throws what is still missing.
 * @param {HTMLElement} section
 */
function speaker(section) {
  const name = elementIfThere('name', HTMLInputElement);
  if (name === undefined) return section.dataset['as'] ?? '';
  const by = name.value.trim();
  if (by !== '') return by;
  name.focus();
  throw new Complaint('Your name is missing.', 'Write it: everybody reads who said so.');
}

/** @param {HTMLFormElement} form */
function wordsOf(form) {
  const fields = new FormData(form);
  const text = (/** @type {string} */ name) => String(fields.get(name) ?? '').trim();
  const choice = chosen(form);
  const action = /** @type {Action} */ (choice?.value ?? 'stop');
  const reason = text('reason');
  if (reason === '') throw missing(form, 'reason', 'The reason is missing.', 'Say why: everybody reads it.');
  if (action === 'thaw' || action === 'lift')
    return { action, reason, time: '', service: choice?.dataset['service'] || undefined };
  const service = text('service') || undefined;
  if (action === 'hold' && service === undefined) {
    throw missing(form, 'service', 'A hold is for one service.', 'Name it, or stop the environment.');
  }
  const forMs = timeOf(form, text('for'), text('own'));
  const option = element('for', HTMLSelectElement).selectedOptions[0]?.textContent ?? '';
  const time = text('for') === 'own' ? text('own') : option;
  return { action, reason, service, time, forMs, incident: text('incident') || undefined };
}

/**
 * Milliseconds; undefined until it is lifted.
 * @param {HTMLFormElement} form
 * @param {string} choice
 * @param {string} own
 */
function timeOf(form, choice, own) {
  if (choice === 'lifted') return undefined;
  if (choice !== 'own') return Number(choice);
  const [, number, unit] = /^([1-9][0-9]{0,4})([mhd])$/.exec(own) ?? [];
  if (unit === 'm' || unit === 'h' || unit === 'd') return Number(number) * UNITS[unit];
  throw missing(form, 'own', 'How long is not clear.', 'Write 45m, 3h or 2d.');
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name of the field to go to
 * @param {string} message
 * @param {string} remedy
 */
function missing(form, name, message, remedy) {
  /** @type {HTMLElement | null} */ (form.querySelector(`[name="${name}"]`))?.focus();
  return new Complaint(message, remedy);
}
