/** HTML by tagged template: whatever is put in is escaped, unless it was made by this template itself. */
import { withoutSteering } from '../domain/plain-text.ts';

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
  return withoutSteering(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
