/** A terminal's output as HTML: the few SGR sequences that our programs write, everything else dropped. */

interface Look {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly colour: string | undefined;
}

const PLAIN: Look = { bold: false, dim: false, colour: undefined };

/** ECMA-48 8.3.117 (SGR): 30–37 and their bright kin. */
const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

// eslint-disable-next-line no-control-regex -- control sequences are what is looked for
const SEQUENCE = /\u001b\[([0-9;]*)([A-Za-z])/g;
// eslint-disable-next-line no-control-regex -- what is left of them after that, and carriage returns
const OTHER_CONTROLS = /\u001b[^[]|[\u0000-\u0008\u000b-\u001a\u001c-\u001f]/g;

export function htmlOf(text: string): string {
  const clean = text.replaceAll(OTHER_CONTROLS, '');
  let look = PLAIN;
  let html = '';
  let from = 0;
  for (const match of clean.matchAll(SEQUENCE)) {
    html += spanOf(look, clean.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') look = (match[1] ?? '').split(';').map(Number).reduce(applied, look);
  }
  return html + spanOf(look, clean.slice(from));
}

function applied(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 39) return { ...look, colour: undefined };
  const colour = COLOURS[code >= 90 ? code - 90 : code - 30];
  return colour === undefined ? look : { ...look, colour };
}

function spanOf({ bold, dim, colour }: Look, text: string): string {
  if (text === '') return '';
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const classes = [bold ? 'bold' : '', dim ? 'dim' : '', colour ?? ''].filter((name) => name !== '');
  return classes.length === 0 ? escaped : `<span class="${classes.join(' ')}">${escaped}</span>`;
}
