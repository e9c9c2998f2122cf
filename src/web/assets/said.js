// What the person is told: one place on the page, read aloud, with the code and what to do.
import { element } from './element.js';

/** Something to tell the person, with what they can do about it. */
export class Complaint extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   */
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * @typedef {object} Refusal
 * @property {string} message
 * @property {string} [code]
 * @property {string} [expected]
 * @property {string} [got]
 * @property {string} [remedy]
 */

/**
 * @param {string} head
 * @param {Refusal} refusal
 */
export function sayNo(head, { message, code, expected, got, remedy }) {
  const facts = document.createElement('dl');
  facts.className = 'facts';
  for (const [name, value] of [
    ['Expected', expected],
    ['Got', got],
    ['To do', remedy],
    ['Code', code],
  ]) {
    if (value === undefined) continue;
    facts.append(textIn('dt', name ?? ''), textIn('dd', value));
  }
  show('box alarm', textIn('h3', `✗ ${head}`), textIn('p', message), facts);
}

/**
 * @param {string} head
 * @param {string} message
 */
export function sayYes(head, message) {
  const link = /** @type {HTMLAnchorElement} */ (textIn('a', 'See how it goes on'));
  link.href = element('journey-link', HTMLAnchorElement).href;
  show('box done', textIn('h3', `✓ ${head}`), textIn('p', message), link);
}

/** @param {unknown} error */
export function sayError(error) {
  if (error instanceof Complaint) return sayNo('Not sent', { message: error.message, remedy: error.remedy });
  sayNo('Not sent', { message: String(error), remedy: 'Reload the page; the command line always works.' });
}

/** What was said before is over. */
export function sayNothing() {
  element('result', HTMLElement).replaceChildren();
}

/**
 * @param {string} kind
 * @param {...HTMLElement} parts
 */
function show(kind, ...parts) {
  const box = document.createElement('div');
  box.className = kind;
  box.append(...parts);
  const result = element('result', HTMLElement);
  result.replaceChildren(box);
  result.focus();
}

/**
 * @param {string} tag
 * @param {string} text
 */
export function textIn(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
