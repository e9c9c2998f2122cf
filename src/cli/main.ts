/** The command line's door: parses, runs one command, and turns whatever happens into an exit code. */
import { CommanderError } from 'commander';
import { EXIT, exitOfError } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import { renderError } from './render/error.ts';
import { shownError } from './shown-error.ts';
import { processTerminal, tame } from './terminal.ts';
import { tellWrongCall } from './usage.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const terminal = processTerminal(args.includes('--json'));
  let code: number = EXIT.ok;
  const program = buildProgram(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (error instanceof CommanderError) {
      tellWrongCall(error, terminal);
      return EXIT.usage;
    }
    const shown = tame(shownError(error));
    if (terminal.json) terminal.note(JSON.stringify({ error: shown }));
    else terminal.note(renderError(shown, terminal.paint));
    return exitOfError(shown.code);
  }
}
