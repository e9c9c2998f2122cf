/** A page that looks like the terminal in which some lines were printed. */
import { htmlOf } from './ansi.ts';

/** Characters that a line of the picture holds; longer lines are wrapped, as a terminal does. */
export const COLUMNS = 132;
const FONT_PX = 13;
const LINE_PX = 18;
const PADDING_PX = 20;
/** Width of a character in relation to the size of its font, for the monospace fonts of Debian. */
const ASPECT = 0.61;

export interface TerminalPage {
  readonly html: string;
  readonly width: number;
  readonly height: number;
}

export function terminalPage(title: string, text: string): TerminalPage {
  const body = htmlOf(text.trimEnd());
  const rows = body
    .replaceAll(/<[^>]+>/g, '')
    .split('\n')
    .reduce((count, line) => count + Math.max(1, Math.ceil(line.length / COLUMNS)), 0);
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>
  body { margin: 0; background: #1b1f27; color: #d6dbe4; }
  pre { margin: 0; padding: ${PADDING_PX}px; font: ${FONT_PX}px/${LINE_PX}px 'DejaVu Sans Mono', monospace; white-space: pre-wrap; overflow-wrap: anywhere; width: ${COLUMNS}ch; }
  .bold { font-weight: bold; color: #fff; } .dim { color: #8a93a3; }
  .red { color: #ff7b72; } .green { color: #7ee787; } .yellow { color: #f2cc60; } .cyan { color: #79c0ff; } .blue { color: #79c0ff; } .magenta { color: #d2a8ff; }
</style></head><body><pre>${body}</pre></body></html>
`;
  return {
    html,
    width: Math.ceil(COLUMNS * FONT_PX * ASPECT) + 2 * PADDING_PX,
    height: rows * LINE_PX + 2 * PADDING_PX,
  };
}
