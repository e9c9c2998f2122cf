/** Text from elsewhere, made harmless where it is shown. */

/** What steers a terminal or a page instead of showing, or turns the direction of writing, becomes `·`; tabs and line feeds stay. */
export function withoutSteering(text: string): string {
  return text.replace(STEERING, '·');
}

/** One line: no line breaks, nothing that steers; cut with `…` after `most` characters. */
export function plainText(text: string, most: number): string {
  const flat = text.replace(STEERING, ' ').replaceAll(/\s+/g, ' ').trim();
  return cutAfter(flat, most);
}

/** At most so many characters; the last one is `…` where something was left out. */
export function cutAfter(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

// C0 except tab and line feed, DEL, C1, and what Unicode calls Bidi_Control
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
