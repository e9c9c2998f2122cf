/** What the audience sees: chapters, one line per event with the time since the start, and expectations that hold or not. */
import { styleText } from 'node:util';

export interface Expectation {
  readonly chapter: string;
  readonly what: string;
  readonly holds: boolean;
  /** What was found; shown when it does not hold. */
  readonly got: string;
}

export interface Stage {
  chapter(title: string): void;
  /** A command that somebody types in a shell of theirs. */
  command(who: string, line: string): void;
  /** Something that happens, in some environment; `tookMs` at the end of the line. */
  line(environment: string, what: string, text: string, tookMs?: number): void;
  note(text: string): void;
  expect(what: string, holds: boolean, got: unknown): void;
  readonly expectations: readonly Expectation[];
}

type Style = Parameters<typeof styleText>[0];

export function createStage(say: (line: string) => void, colour: boolean): Stage {
  const began = performance.now();
  const expectations: Expectation[] = [];
  let current = '';
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const clock = (): string => paint('dim', seconds(performance.now() - began).padStart(7));
  return {
    expectations,
    chapter(title) {
      current = title;
      say(`\n${paint('bold', title)}`);
    },
    command: (who, line) => say(`${clock()}  ${paint('dim', who)} ${paint('cyan', `$ ${line}`)}`),
    line(environment, what, text, tookMs) {
      const took = tookMs === undefined ? '' : `  ${paint('dim', seconds(tookMs))}`;
      say(`${clock()}  ${environment.padEnd(10)} ${what.padEnd(20)} ${text}${took}`);
    },
    note: (text) => say(`${clock()}  ${text}`),
    expect(what, holds, got) {
      expectations.push({ chapter: current, what, holds, got: String(got) });
      const mark = holds ? paint('green', '✓') : paint('red', '✗');
      say(`${clock()}  ${mark} ${what}${holds ? '' : paint('red', ` (got ${String(got)})`)}`);
    },
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
