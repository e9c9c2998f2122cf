// Answering with a key of one's own, from a file that is read here and sent nowhere.
import { element } from './element.js';
import { keyFromFile } from './keys.js';
import { Complaint, sayError, sayNothing } from './said.js';
import { forget, keep, kept } from './store.js';

/** @typedef {import('./answer.js').Become} Become */

/**
 * @param {Become} become
 * @param {() => boolean} isNobody a kept key does not take the place of somebody who has just signed in
 */
export async function offerOwnKey(become, isNobody) {
  const name = element('name', HTMLInputElement);
  const file = element('key-file', HTMLInputElement);
  const keeping = element('keep', HTMLInputElement);
  const forgetting = element('forget', HTMLButtonElement);
  /** @type {import('./keys.js').SigningKey | undefined} */
  let key;

  const hold = () => {
    if (key === undefined) return;
    const signer = key;
    become(
      () => {
        const subject = name.value.trim();
        if (subject !== '') return { subject, signer };
        name.focus();
        throw new Complaint('Your name is missing.', 'Write it as trust.approvers does.');
      },
      `${name.value.trim() || 'Whoever has the name below'}, with the key ${signer.kid.slice(0, 12)}…`,
    );
  };
  const remember = async () => {
    if (key === undefined || !keeping.checked) return;
    await keep('own-key', { key, name: name.value.trim() });
    forgetting.hidden = false;
  };

  file.addEventListener('change', () => {
    void chosen().catch(sayError);
  });
  async function chosen() {
    const [first] = file.files ?? [];
    key = undefined;
    sayNothing();
    become(undefined, 'Nobody yet.');
    if (first === undefined) return;
    key = await keyFromFile(first);
    hold();
    await remember();
  }
  name.addEventListener('input', hold);
  name.addEventListener('change', () => void remember().catch(sayError));
  keeping.addEventListener('change', () => void remember().catch(sayError));
  forgetting.addEventListener('click', () => {
    key = undefined;
    file.value = '';
    keeping.checked = false;
    forgetting.hidden = true;
    become(undefined, 'Nobody: the key is forgotten.');
    void forget('own-key').catch(sayError);
    file.focus();
  });

  const before = await kept('own-key');
  if (before === undefined) return;
  key = before.key;
  name.value = before.name ?? '';
  keeping.checked = true;
  forgetting.hidden = false;
  if (isNobody()) hold();
}
