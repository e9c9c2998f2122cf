/** Of what went wrong: what was to be there, what is, and what to do about it. */
import type { Refusal } from '../../domain/error-code.ts';
import { type Html, html } from '../html.ts';

type Said = { readonly [Part in 'expected' | 'got' | 'remedy']: Refusal[Part] | undefined };

/** Parts of a list of facts. */
export function whatToDo({ expected, got, remedy }: Said): Html {
  const parts = [
    ['Expected', expected],
    ['Got', got],
    ['To do', remedy],
  ] as const;
  return html`${parts.map(
    ([label, text]) =>
      text !== undefined &&
      html`<dt>${label}</dt>
        <dd>${text}</dd>`,
  )}`;
}
