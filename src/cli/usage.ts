/** Wrong calls: found by the parser or by a command that looks at what was written, told in one way. */
import { type Command, type CommanderError, InvalidArgumentError } from 'commander';
import type { ShownError } from './render/error.ts';
import type { Terminal } from './terminal.ts';

/** Ends the command as a wrong call, as the parser does. */
export function wrongCall(command: Command, message: string): never {
  return command.error(`error: ${message}`, { code: 'sluice.wrongCall' });
}

/** With --json the parser is kept silent, and {@link tellWrongCall} says what it had to say. */
export function quietly(program: Command, { json }: Terminal): Command {
  return json ? program.configureOutput({ writeErr: () => undefined, outputError: () => undefined }) : program;
}

/** Whatever the parser has not told itself: nobody is sent away without a word. */
export function tellWrongCall(error: CommanderError, terminal: Terminal): void {
  const message = error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '');
  const shown: ShownError = { code: 'input-invalid', message, remedy: 'read the usage: add --help', problems: [] };
  if (terminal.json) terminal.note(JSON.stringify({ error: shown }));
  else if (error instanceof InvalidArgumentError) terminal.note(`error: ${message}`);
}
