/** Asking whoever sits at a terminal whether something is meant. */
import { createInterface } from 'node:readline/promises';

/** Whether anybody can be asked: neither a pipe nor a pipeline answers. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** True when exactly that word was typed. */
export async function confirm(question: string, word: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question(`${question}\ntype "${word}" to go on: `)).trim() === word;
  } finally {
    asking.close();
  }
}
