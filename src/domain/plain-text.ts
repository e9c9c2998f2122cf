/** Text from elsewhere as one harmless line. */

/** No line breaks, no control characters, nothing that turns the direction of writing; cut with `…` after `most` characters. */
export function plainText(text: string, most: number): string {
  const flat = text.replace(CONTROL, ' ').replaceAll(/\s+/g, ' ').trim();
  return flat.length > most ? `${flat.slice(0, most - 1)}…` : flat;
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
