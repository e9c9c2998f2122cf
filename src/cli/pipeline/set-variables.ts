/** Output variables of a pipeline's step, in the way of each service. */
import { appendFile } from 'node:fs/promises';
import { plainText } from '../../domain/plain-text.ts';
import type { Terminal } from '../terminal.ts';
import type { Voice } from './voice.ts';

const LONGEST = 1_000;

/** Each in one line: in GitHub's file the next line would be another variable, of whatever name somebody has written there. */
export async function setOutputs(
  values: Readonly<Record<string, string>>,
  voice: Voice | undefined,
  outputFile: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const variables = Object.entries(values).map(([name, value]) => [name, plainText(value, LONGEST)] as const);
  for (const [name, value] of variables) {
    const line = voice?.variable(name, value);
    if (line !== undefined) terminal.command(line);
  }
  if (voice?.name !== 'github') return;
  await appendTo(
    outputFile,
    'GITHUB_OUTPUT',
    variables.map(([name, value]) => `${name}=${value}\n`).join(''),
    terminal,
  );
}

/** To a file that the service names in a variable. */
export async function appendTo(
  file: string | undefined,
  variable: string,
  text: string,
  terminal: Terminal,
): Promise<void> {
  if (file === undefined) return terminal.note(`${variable} is not set: nobody is told`);
  await appendFile(file, text);
}
