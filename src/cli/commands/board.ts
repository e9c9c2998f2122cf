import type { Command } from 'commander';
import type { Surroundings } from '../surroundings.ts';
import { renderBoard } from '../render/list.ts';
import { tame } from '../terminal.ts';

const HELP = `
Examples:
  sluice board
  sluice board iam --json`;

export function addBoard(program: Command, { terminal }: Surroundings): void {
  program
    .command('board')
    .description('what is where, since when, by whom, and what is on its way')
    .argument('[service]', 'only this service')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (service: string | undefined) => {
      const { withClient } = await import('../session.ts');
      const places = await withClient((client) => client.board(service === undefined ? {} : { service }));
      if (terminal.json) terminal.sayJson(places);
      else terminal.say(renderBoard(tame(places), terminal.paint));
    });
}
