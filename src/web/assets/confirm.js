// The last look before it is signed: what, by whom, to which plan.
import { element } from './element.js';
import { textIn } from './said.js';

/**
 * @typedef {object} Last
 * @property {string} head
 * @property {readonly (readonly [string, string])[]} facts
 * @property {string} yes the word on the button
 */

/**
 * Resolves to whether the person goes through with it; Escape is a no.
 * @param {Last} last
 * @returns {Promise<boolean>}
 */
export function confirmed({ head, facts, yes }) {
  const dialog = element('sure', HTMLDialogElement);
  element('sure-head', HTMLElement).textContent = head;
  const rows = facts.flatMap(([name, value]) => [textIn('dt', name), textIn('dd', value)]);
  element('sure-facts', HTMLElement).replaceChildren(...rows);
  const button = element('sure-yes', HTMLButtonElement);
  button.textContent = yes;
  // browsers tell of a closing a moment later: an earlier look whose closing has not been told yet is over all the same
  dialog.onclose?.(new Event('close'));
  return new Promise((resolve) => {
    button.onclick = () => dialog.close('yes');
    element('sure-back', HTMLButtonElement).onclick = () => dialog.close('');
    dialog.onclose = () => {
      if (dialog.open) return;
      dialog.onclose = null;
      resolve(dialog.returnValue === 'yes');
    };
    dialog.returnValue = '';
    dialog.showModal();
  });
}
