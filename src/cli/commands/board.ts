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
      const [{ withClient }, { desksOn, withDesks }] = await Promise.all([
        import('../session.ts'),
        import('../../client/index.ts'),
      ]);
      const request = service === undefined ? {} : { service };
      const [places, desks] = await withClient((client) => Promise.all([client.board(request), client.desks()]));
      const board = withDesks(places, desks, Date.now(), request);
      if (terminal.json) terminal.sayJson(board);
      else terminal.say(renderBoard(tame(board), terminal.paint, tame(desksOn(desks, service))));
    });
}
