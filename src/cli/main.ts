/** The command line's door: parses, runs one command, and turns whatever happens into an exit code. */
import { CommanderError } from 'commander';
import { pipelineRun } from '../config/pipeline.ts';
import { EXIT, exitOfError } from './exit-codes.ts';
import { type Voice, voiceFor } from './pipeline/voice.ts';
import { buildProgram } from './program.ts';
import { type ShownError, renderError } from './render/error.ts';
import { shownError } from './shown-error.ts';
import { type Terminal, processTerminal, tame } from './terminal.ts';
import { tellWrongCall } from './usage.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const voice = voiceFor(args, pipelineRun()?.service);
  const terminal = processTerminal(args.includes('--json'), voice !== undefined);
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
      annotate(voice, 'wrong call', error.message.replace(/^error: /, ''), terminal);
      return EXIT.usage;
    }
    const shown = tame(shownError(error));
    if (terminal.json) terminal.note(JSON.stringify({ error: shown }));
    else terminal.note(renderError(shown, terminal.paint));
    annotate(voice, shown.code, inOneLine(shown), terminal);
    return exitOfError(shown.code);
  }
}

/** Where a pipeline shows what went wrong without its log. */
function annotate(voice: Voice | undefined, title: string, message: string, terminal: Terminal): void {
  const line = voice?.issue('error', `sluice ${title}`, message);
  if (line !== undefined) terminal.command(line, 'beside');
}

function inOneLine({ message, problems, remedy }: ShownError): string {
  const said = problems.length === 0 ? [message] : problems.map((one) => `${one.where}: ${one.message}`);
  return [...said, ...(remedy === undefined ? [] : [remedy])].join('; ');
}
