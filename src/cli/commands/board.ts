import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { renderBoard } from '../render/board.ts';
import { tame } from '../terminal.ts';

const HELP = `
Health is what the promotion's own step saw when it brought the version; nobody has looked since. Why the first ones
at each place wait, and what answers it, stands under the table, as "sluice status" says it.

Examples:
  sluice board
  sluice board iam --json
  sluice board --all          also what is under way beyond the newest 500 (--json always has all)`;

export function addBoard(program: Command, { terminal }: Surroundings): void {
  program
    .command('board')
    .description('what is where, since when, by whom, and what is on its way')
    .argument('[service]', 'only this service')
    .option('--all', 'all that is under way, not only the newest 500')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const { all = false, config } = optionsOf<{ readonly all?: boolean }>(command);
      const [{ withClient }, { assertKnown }, { BOARD_SHOWS, desksOn, leftOut, withDesks }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
        import('../../client/index.ts'),
      ]);
      const request = service === undefined ? {} : { service };
      const shown = all || terminal.json ? request : { ...request, newest: BOARD_SHOWS };
      const [places, counted, desks] = await withClient((client) =>
        Promise.all([client.board(shown), client.underWay(request), client.desks()]),
      );
      const board = withDesks(places, desks, Date.now(), request);
      if (board.length === 0) await assertKnown(config, { service });
      if (terminal.json) terminal.sayJson(board);
      else
        terminal.say(renderBoard(tame(board), terminal.paint, tame(desksOn(desks, service)), leftOut(places, counted)));
    });
}
