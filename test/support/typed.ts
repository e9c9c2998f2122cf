/** A line as somebody types it into a shell: read by the real command line, which then does nothing. */
import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';

const terminal = processTerminal(true);

/** Rejects what the command line does not know: a verb, an option, a word too many or too few. */
export async function typed(line: string): Promise<void> {
  const [words = ''] = line.split('   (');
  const args = [...words.matchAll(/"([^"]*)"|\S+/g)].map(([all, quoted]) => quoted ?? all);
  assert.equal(args.shift(), 'sluice');
  await typedWords(args);
}

/** The same for what a shell has made words of already, without the word "sluice". */
export async function typedWords(args: readonly string[]): Promise<void> {
  const program = buildProgram(terminal, () => undefined);
  for (const one of leavesOf(program)) one.action(() => undefined).configureOutput({ writeErr: () => undefined });
  await program.parseAsync([...args], { from: 'user' });
}

function leavesOf(program: Command): readonly Command[] {
  return program.commands.flatMap((one) => (one.commands.length === 0 ? [one] : leavesOf(one)));
}
