/** HTML by tagged template: whatever is put in is escaped, unless it was made by this template itself. */

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Html | string | number | undefined | false | readonly Part[];

/** Attributes must stand in double quotes: a value can end neither them nor the text it stands in. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, index) => text + textOf(parts[index - 1]) + string));
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join('');
  return escape(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that steer instead of showing become "·": text from elsewhere must not turn the direction of what people approve. */
function escape(text: string): string {
  return text.replace(CONTROL, '·').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

// C0 except tab and line feed, DEL, C1, and the characters that turn the direction of writing
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
