/** The only place that writes to the terminal. Results go to stdout, everything else to stderr. */
import { styleText } from 'node:util';
import { withoutSteering } from '../domain/plain-text.ts';
import { EXIT } from './exit-codes.ts';
import { jsonWithoutCommands, withoutCommands } from './pipeline/harmless.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

export interface Terminal {
  readonly json: boolean;
  /** Colours only where stdout is a terminal and NO_COLOR is not set. */
  readonly paint: Paint;
  /** A result, for people. */
  say(text: string): void;
  /** A result, for programs: one JSON value on one line. */
  sayJson(value: unknown): void;
  /** Progress, hints and errors. */
  note(text: string): void;
  /** A line for the agent of a pipeline, which finds none in anything else that is written. `beside` the results: they may be caught by a program. */
  command(line: string, where?: 'beside'): void;
  /** Aborted when nobody reads the results any more (`| head`): what was begun goes on, and is not told. */
  readonly gone: AbortSignal;
}

export const plain: Paint = (_, text) => text;

/** `styleText` looks at the stream, NO_COLOR and FORCE_COLOR itself. */
const paintFor =
  (stream: NodeJS.WriteStream): Paint =>
  (style, text) =>
    styleText(style, text, { stream });

/** `inPipeline`: an agent reads along, and would obey. */
export function processTerminal(json: boolean, inPipeline = false): Terminal {
  const gone = new AbortController();
  const harmless = inPipeline ? withoutCommands : (text: string): string => text;
  process.stdout.on('error', (error) => (isClosed(error) ? gone.abort() : cannotWrite(error)));
  process.stderr.on('error', () => undefined);
  return {
    gone: gone.signal,
    json,
    paint: paintFor(process.stdout),
    say: (text) => void process.stdout.write(`${harmless(text)}\n`),
    sayJson: (value) => {
      const text = JSON.stringify(value);
      process.stdout.write(`${inPipeline ? jsonWithoutCommands(text) : text}\n`);
    },
    note: (text) => void process.stderr.write(`${harmless(text)}\n`),
    // in the order of the log lines, but not among JSON, which a program reads
    command: (line, where) => void (json || where === 'beside' ? process.stderr : process.stdout).write(`${line}\n`),
  };
}

function isClosed(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}

/** A full disk, for one: whoever called must not take what was written for the whole. */
function cannotWrite({ message }: Error): void {
  process.stderr.write(`error: the results cannot be written: ${message}\n`);
  process.on('exit', () => {
    process.exitCode = EXIT.failed;
  });
}

/** Text from elsewhere (an image's name, an answer's reason) must not steer the terminal: control characters become "·". */
export function tame<Value>(value: Value): Value {
  if (typeof value === 'string') return withoutSteering(value) as Value;
  if (Array.isArray(value)) return value.map(tame) as Value;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tame(inner)])) as Value;
  }
  return value;
}
