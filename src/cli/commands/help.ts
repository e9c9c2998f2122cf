import type { Command } from 'commander';
import { didYouMean } from '../../config/did-you-mean.ts';
import { wrongCall } from '../usage.ts';

/** In place of the parser's own, which shows everything and says nothing where the name is none, and stops after one name. */
export function addHelp(program: Command): void {
  program
    .command('help')
    .description('the usage of a command')
    .argument('[command...]', 'such as "start" or "hold set"')
    .action((names: readonly string[], _: unknown, self: Command) => {
      let shown = program;
      for (const name of names) {
        const known = shown.commands.map((one) => one.name());
        const next = shown.commands.find((one) => one.name() === name);
        if (next === undefined) wrongCall(self, `unknown command '${names.join(' ')}'${didYouMean(name, known)}`);
        shown = next;
      }
      shown.help();
    });
}
